# Redaction. The key is new in every run and is kept nowhere, nor is what was replaced by what.
$rules = $declared.redaction
$removedText = $rules.removed
$nameKeys = @($rules.name_keys)
$numberedKeys = @{}
foreach ($each in $rules.numbered_keys.PSObject.Properties) {
    $numberedKeys[$each.Name] = $each.Value
}
$removedKeys = @($rules.removed_keys)
$untouchedKeys = @($rules.untouched_keys)
$untouchedValues = @($rules.untouched_values)
$keptV4 = @($rules.kept_v4)
$keptV6 = @($rules.kept_v6)
$isatapMarks = @($rules.isatap_marks)
$pattern = $rules.pattern
$numbers = @{}
$labels = @{}
$hmac = New-Object Security.Cryptography.HMACSHA256
$bytes = New-Object byte[] 32
[Security.Cryptography.RandomNumberGenerator]::Create().GetBytes($bytes)
$hmac.Key = $bytes

function Test-Stays {
    param([string]$Before, [int]$Length)
    $kept = $keptV6
    if ($Length -eq 32) { $kept = $keptV4 }
    foreach ($each in $kept) {
        if ($each.Length -gt $Before.Length -and $each.StartsWith($Before)) { return $true }
    }
    if ($Length -eq 128 -and $Before.Length -ge 64 -and $Before.Length -lt 96) {
        foreach ($mark in $isatapMarks) {
            if ($mark.StartsWith($Before.Substring(64))) { return $true }
        }
    }
    return $false
}

# Whether a bit is flipped depends on the key and on the bits before it: subnets stay subnets.
function Hide-Bits {
    param([string]$Bits)
    $hidden = New-Object Text.StringBuilder
    for ($place = 0; $place -lt $Bits.Length; $place++) {
        $bit = [int]::Parse($Bits.Substring($place, 1))
        $before = $Bits.Substring(0, $place)
        if (-not (Test-Stays $before $Bits.Length)) {
            $message = [Text.Encoding]::ASCII.GetBytes("$($Bits.Length) $before")
            $bit = $bit -bxor ($hmac.ComputeHash($message)[0] -band 1)
        }
        [void]$hidden.Append($bit)
    }
    $text = $hidden.ToString()
    if ($Bits.Length -eq 128 -and $isatapMarks -contains $Bits.Substring(64, 32)) {
        $text = $text.Substring(0, 96) + (Hide-Bits $Bits.Substring(96))
    }
    return $text
}

function Hide-Address {
    param([string]$Text)
    $parts = $Text.Split('/')
    $number = $parts[0]
    $rest = $Text.Substring($number.Length)
    $address = $null
    if (-not [Net.IPAddress]::TryParse($number, [ref]$address)) {
        if (-not $number.EndsWith(':')) { return $Text }
        $number = $number.Substring(0, $number.Length - 1)
        $rest = ':' + $rest
        if (-not [Net.IPAddress]::TryParse($number, [ref]$address)) { return $Text }
    }
    $given = $address.GetAddressBytes()
    $bits = [string]::Join('', @(
        foreach ($byte in $given) { [Convert]::ToString($byte, 2).PadLeft(8, '0') }
    ))
    $hidden = Hide-Bits $bits
    if ($parts.Length -gt 1 -and [int]$parts[1] -le $bits.Length) {
        $length = [int]$parts[1]
        if ($bits.Substring($length).IndexOf('1') -lt 0) {
            $hidden = $hidden.Substring(0, $length).PadRight($bits.Length, '0')
        }
    }
    if ($hidden -eq $bits) { return $Text }
    $taken = New-Object byte[] $given.Length
    for ($place = 0; $place -lt $taken.Length; $place++) {
        $taken[$place] = [Convert]::ToByte($hidden.Substring(8 * $place, 8), 2)
    }
    return (New-Object Net.IPAddress -ArgumentList (, $taken)).ToString() + $rest
}

function Get-Number {
    param([string]$Kind, [string]$Text)
    $id = "$Kind $($Text.ToLowerInvariant())"
    if (-not $numbers.ContainsKey($id)) {
        if (-not $numbers.ContainsKey($Kind)) { $numbers[$Kind] = 0 }
        do { $numbers[$Kind]++ } while ($labels.ContainsKey("$Kind$($numbers[$Kind])"))
        $numbers[$id] = $numbers[$Kind]
    }
    return $numbers[$id]
}

function Hide-Sid {
    param([string]$Text)
    $parts = $Text.Split('-')
    if ($parts.Length -le 5) { return $Text }
    for ($place = 4; $place -lt $parts.Length; $place++) {
        $parts[$place] = [string](Get-Number 'sid' $parts[$place])
    }
    return [string]::Join('-', $parts)
}

function Hide-Match {
    param($Match)
    $text = $Match.Value
    if ($Match.Groups['sid'].Success) { return Hide-Sid $text }
    if ($Match.Groups['guid'].Success) {
        return '00000000-0000-0000-0000-{0:d12}' -f (Get-Number 'guid' $text)
    }
    if ($Match.Groups['name'].Success) { return "name$(Get-Number 'name' $text)" }
    return Hide-Address $text
}

function Test-Name {
    param([string]$Key, [string]$Text)
    if ($nameKeys -notcontains $Key) { return $false }
    $address = $null
    $looksSo = $Text -match '^([0-9]{1,3}\.){3}[0-9]{1,3}$|:'
    return -not ($looksSo -and [Net.IPAddress]::TryParse($Text, [ref]$address))
}

function Hide-Text {
    param([string]$Key, [string]$Text)
    if ($Text -eq '' -or $untouchedKeys -contains $Key -or $untouchedValues -contains $Text) {
        return $Text
    }
    if ($removedKeys -contains $Key) { return $removedText }
    if ($numberedKeys.ContainsKey($Key)) {
        $kind = $numberedKeys[$Key]
        return "$kind$(Get-Number $kind $Text)"
    }
    if (Test-Name $Key $Text) {
        return [string]::Join('.', @(
            foreach ($label in $Text.Split('.')) {
                if ($label -eq '') { '' } else { "name$(Get-Number 'name' $label)" }
            }
        ))
    }
    return $search.Replace($Text, [Text.RegularExpressions.MatchEvaluator]{
        param($found)
        Hide-Match $found
    })
}

function Hide-Value {
    param([string]$Key, $Value)
    if ($Value -is [string]) { return Hide-Text $Key $Value }
    if ($Value -is [Collections.IList]) {
        $items = @(foreach ($each in $Value) { Hide-Value $Key $each })
        return , $items
    }
    if ($Value -isnot [Management.Automation.PSCustomObject]) { return $Value }
    $hidden = @{}
    foreach ($property in $Value.PSObject.Properties) {
        $name = $property.Name
        if ($name -ceq 'SubnetNumber' -and $property.Value -is [string] -and
            $null -ne $Value.PSObject.Properties['PrefixLength']) {
            $whole = Hide-Text '' "$($property.Value)/$($Value.PrefixLength)"
            $hidden[$name] = $whole.Substring(0, $whole.LastIndexOf('/'))
        }
        else {
            $hidden[$name] = Hide-Value $name $property.Value
        }
    }
    return New-Object psobject -Property $hidden
}

# Finds every part of every name, so that none is left inside another text.
function Find-Label {
    param([string]$Key, $Value)
    if ($Value -is [string]) {
        if ((Test-Name $Key $Value) -and $untouchedValues -notcontains $Value) {
            foreach ($label in $Value.Split('.')) {
                if ($label -ne '') { $labels[$label.ToLowerInvariant()] = $true }
            }
        }
    }
    elseif ($Value -is [Collections.IList]) {
        foreach ($each in $Value) { Find-Label $Key $each }
    }
    elseif ($Value -is [Management.Automation.PSCustomObject]) {
        foreach ($property in $Value.PSObject.Properties) {
            Find-Label $property.Name $property.Value
        }
    }
}

function Get-SearchPattern {
    $words = @(
        $labels.Keys | Where-Object { $_ -match '[^0-9]' } |
            Sort-Object -Property Length -Descending | ForEach-Object { [regex]::Escape($_) }
    )
    $options = [Text.RegularExpressions.RegexOptions]'IgnoreCase, CultureInvariant'
    $whole = $pattern
    if ($words.Length -gt 0) {
        $whole += '|(?<name>(?<![0-9A-Z])(?:' + [string]::Join('|', $words) + ')(?![0-9A-Z]))'
    }
    return New-Object Text.RegularExpressions.Regex -ArgumentList $whole, $options
}

function Hide-Collected {
    param($Collected)
    Find-Label '' $Collected
    $search = Get-SearchPattern
    return Hide-Value '' $Collected
}
