# Redaction. The key is new in every run and is kept nowhere, nor is what was replaced by what.
$rules = $declared.redaction
$removedText = $rules.removed
$nameKeys = @($rules.name_keys)
$nameWords = @($rules.name_words)
$programKeys = @($rules.program_keys)
$pathKeys = @($rules.path_keys)
$ofAdapters = @($rules.of_adapters)
$placeKeys = @($rules.place_keys)
$accountKeys = @($rules.account_keys)
$removedKeys = @($rules.removed_keys)
$untouchedValues = @($rules.untouched_values)
$versionKeys = @($rules.version_keys)
$keptV4 = @($rules.kept_v4)
$keptV6 = @($rules.kept_v6)
$isatapMarks = @($rules.isatap_marks)
$wellKnown = $rules.well_known
$netbios = $rules.netbios
$sid = $rules.sid
$guid = $rules.guid
$guidDigits = $rules.guid_digits
$withGuids = $rules.with_guids
$pathForm = $rules.path
$placeForm = $rules.place
$accountForm = $rules.account
$objectPath = $rules.object_path
$objectKey = $rules.object_key
$className = $rules.class_name
$guestDisc = $rules.guest_disc
$v4Form = $rules.v4
$addressForm = $rules.address
$rangeForm = $rules.range
$vmmsPath = $rules.vmms_path
$vmmsName = $rules.vmms_name
$codeForm = $rules.code
$numberedKeys = @{}
foreach ($each in $rules.numbered_keys.PSObject.Properties) {
    $numberedKeys[$each.Name] = $each.Value
}
$pieces = @{}
foreach ($each in $rules.pieces_of_paths.PSObject.Properties) {
    $pieces[$each.Name] = @($each.Value)
}
$forms = @{}
foreach ($each in $rules.forms.PSObject.Properties) {
    $forms[$each.Name] = $each.Value
}
$numbers = @{}
$labels = @{}
$addresses = @{}
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

# Of a whole text, in any case; the groups, or nothing.
function Get-Match {
    param([string]$Form, [string]$Text)
    $options = [Text.RegularExpressions.RegexOptions]'IgnoreCase, CultureInvariant'
    $found = [regex]::Match($Text, '\A(?:' + $Form + ')\z', $options)
    if ($found.Success) { return $found }
    return $null
}

function Get-Bits {
    param([string]$Text)
    $address = $null
    if (-not [Net.IPAddress]::TryParse($Text, [ref]$address)) { return '' }
    return [string]::Join('', @(
        foreach ($byte in $address.GetAddressBytes()) {
            [Convert]::ToString($byte, 2).PadLeft(8, '0')
        }
    ))
}

function Get-Address {
    param([string]$Bits)
    $taken = New-Object byte[] ($Bits.Length / 8)
    for ($place = 0; $place -lt $taken.Length; $place++) {
        $taken[$place] = [Convert]::ToByte($Bits.Substring(8 * $place, 8), 2)
    }
    return (New-Object Net.IPAddress -ArgumentList (, $taken)).ToString()
}

function Hide-Subnet {
    param([string]$Bits, [int]$Length)
    $hidden = Hide-Bits $Bits
    if ($Bits.Substring($Length).IndexOf('1') -lt 0) {
        $hidden = $hidden.Substring(0, $Length).PadRight($Bits.Length, '0')
    }
    return $hidden
}

# What a slash or a mask gives; -1: neither gives one.
function Get-PrefixLength {
    param([string]$Bits, [string]$Rest)
    if ($Rest -eq '') { return -1 }
    $given = $Rest.Substring(1)
    if ($given.IndexOf('.') -ge 0) {
        $mask = Get-Bits $given
        if ($mask.Length -ne $Bits.Length) { return -1 }
        if ($mask -match '\A1*0*\z') { return $mask.Replace('0', '').Length }
        if ($mask -match '\A0*1*\z') { return $mask.Replace('1', '').Length }
        return -1
    }
    if ([int]$given -gt $Bits.Length) { return -1 }
    return [int]$given
}

function Hide-Address {
    param($Found)
    $number = $Found.Groups[2].Value
    $bits = Get-Bits $number
    if ($bits -eq '') { return $null }
    $length = Get-PrefixLength $bits $Found.Groups[5].Value
    $hidden = $bits
    if ($length -lt 0) { $hidden = Hide-Bits $bits }
    else { $hidden = Hide-Subnet $bits $length }
    $shown = $number
    if ($hidden -ne $bits) { $shown = Get-Address $hidden }
    return $Found.Groups[1].Value + $shown + $Found.Groups[3].Value +
        $Found.Groups[4].Value + $Found.Groups[5].Value + $Found.Groups[6].Value
}

# The subnets that a range is made of: only those stay congruent.
function Get-Cover {
    param([string]$Low, [string]$High, [string]$Before)
    $lowest = $Before.PadRight($Low.Length, '0')
    $highest = $Before.PadRight($Low.Length, '1')
    if ([string]::CompareOrdinal($highest, $Low) -lt 0) { return }
    if ([string]::CompareOrdinal($lowest, $High) -gt 0) { return }
    $inside = [string]::CompareOrdinal($lowest, $Low) -ge 0 -and
        [string]::CompareOrdinal($highest, $High) -le 0
    if ($inside) { return "$(Get-Address (Hide-Subnet $lowest $Before.Length))/$($Before.Length)" }
    Get-Cover $Low $High ($Before + '0')
    Get-Cover $Low $High ($Before + '1')
}

# One element of a list: a range becomes several.
function Hide-Element {
    param([string]$Key, $Value)
    if ($Value -is [string] -and $removedKeys -notcontains $Key) {
        $found = Get-Match $rangeForm $Value
        if ($null -ne $found) {
            $low = Get-Bits $found.Groups[1].Value
            $high = Get-Bits $found.Groups[2].Value
            $ordered = $low -ne '' -and $low.Length -eq $high.Length -and
                [string]::CompareOrdinal($low, $high) -le 0
            if ($ordered) { return Get-Cover $low $high '' }
        }
    }
    return Hide-Value $Key $Value
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
    if ($parts.Length - 2 -le $wellKnown) { return $Text }
    for ($place = 4; $place -lt $parts.Length; $place++) {
        $parts[$place] = [string](Get-Number 'sid' $parts[$place])
    }
    return [string]::Join('-', $parts)
}

# A SID, a GUID, an address or a subnet; nothing where the text is none.
function Hide-KnownForm {
    param([string]$Text)
    if ($null -ne (Get-Match $sid $Text)) { return Hide-Sid $Text }
    $found = Get-Match $guid $Text
    if ($null -ne $found) {
        $number = '00000000-0000-0000-0000-{0:d12}' -f (Get-Number 'guid' $found.Groups[2].Value)
        return $found.Groups[1].Value + $number + $found.Groups[3].Value
    }
    $found = Get-Match $addressForm $Text
    if ($null -ne $found) { return Hide-Address $found }
    return $null
}

function Hide-Program {
    param([string]$Text)
    if ($null -ne (Get-Match $vmmsPath $Text.Trim())) { return $Text }
    $number = Get-Number 'program' $Text
    if ($null -ne (Get-Match $vmmsName $Text.Trim())) { return "program$number\vmms.exe" }
    return "program$number.exe"
}

# The key of an object in WMI; the name of a class is everybody's.
function Hide-Key {
    param([string]$Name, [string]$Text)
    if ($null -ne (Get-Match $className $Text)) { return $Text }
    $known = Hide-KnownForm $Text
    if ($null -ne $known) { return $known }
    if ($nameKeys -contains $Name) { return Hide-Name $Text }
    return "key$(Get-Number 'key' $Text)"
}

function Hide-Piece {
    param([string]$Kind, [string]$Text)
    if ($Kind -ne 'server') {
        if ($Text -eq '') { return $Text }
        return "$Kind$(Get-Number $Kind $Text)"
    }
    $known = Hide-KnownForm $Text
    if ($null -ne $known) { return $known }
    return Hide-Name $Text
}

# A path of the same kind: to the same volume, the same share or the same object in WMI.
function Hide-Path {
    param([string]$Text)
    $trimmed = $Text.Trim()
    if ($null -ne (Get-Match $guestDisc $trimmed)) { return $Text }
    $found = Get-Match $objectPath $trimmed
    if ($null -ne $found) {
        $options = [Text.RegularExpressions.RegexOptions]'IgnoreCase, CultureInvariant'
        $keys = @(
            foreach ($each in [regex]::Matches($found.Groups[2].Value, $objectKey, $options)) {
                $each.Groups[1].Value + '="' + (Hide-Key $each.Groups[1].Value $each.Groups[2].Value) + '"'
            }
        )
        return $found.Groups[1].Value + '.' + [string]::Join(',', $keys)
    }
    $found = Get-Match $pathForm $trimmed
    $root = $found.Groups[1].Value
    $kinds = @('path')
    if ($root.Length -gt 1) {
        $ends = $root.Substring($root.Length - 2)
        if ($pieces.ContainsKey($ends)) { $kinds = $pieces[$ends] }
    }
    $parts = $found.Groups[2].Value.Split([char[]]'\', $kinds.Length)
    $shown = @(
        for ($place = 0; $place -lt $parts.Length; $place++) {
            Hide-Piece $kinds[$place] $parts[$place]
        }
    )
    return $root + [string]::Join('\', $shown) + $found.Groups[3].Value
}

# One part of a name; its NetBIOS form is still its beginning.
function Hide-Label {
    param([string]$Text)
    if ($Text -eq '' -or $nameWords -contains $Text) { return $Text }
    if ($Text.Length -lt $netbios) { return "name$(Get-Number 'name' $Text)" }
    $number = [string](Get-Number 'name' $Text.Substring(0, $netbios))
    $begins = 'name'.PadRight($netbios - $number.Length, 'x') + $number
    $rest = $Text.Substring($netbios)
    if ($rest -eq '') { return $begins }
    return "$begins$(Get-Number $begins $rest)"
}

function Hide-Name {
    param([string]$Text)
    return [string]::Join('.', @(
        foreach ($label in $Text.Split('.')) { Hide-Label $label }
    ))
}

# Where a node stands: in a place of the same kind, which may be none.
function Hide-Place {
    param([string]$Text)
    $found = Get-Match $placeForm $Text.Trim()
    if ($null -eq $found) { return "text$(Get-Number 'text' $Text)" }
    $place = $found.Groups[2].Value.Trim()
    if ($place -eq '') { return $found.Groups[1].Value }
    return "$($found.Groups[1].Value)place$(Get-Number 'place' $place)"
}

# An account of the same kind: of an authority of Windows, of a domain, or of nothing.
function Hide-Account {
    param([string]$Text)
    $found = Get-Match $accountForm $Text.Trim()
    if ($null -eq $found) { return "text$(Get-Number 'text' $Text)" }
    $begins = $found.Groups[1].Value
    $domain = $found.Groups[2].Value
    if ($domain -ne '') { $begins += "domain$(Get-Number 'domain' $domain)\" }
    $account = $found.Groups[3].Value
    $known = Hide-KnownForm $account
    if ($null -ne $known) { return $begins + $known }
    return "${begins}account$(Get-Number 'account' $account)"
}

function Hide-Instance {
    param([string]$Kind, [string]$Text)
    $trimmed = $Text.Trim()
    if ($trimmed -eq '') { return $Text }
    $known = Hide-KnownForm $trimmed
    if ($null -ne $known) { return $known }
    if ($null -ne (Get-Match $withGuids $trimmed)) {
        $options = [Text.RegularExpressions.RegexOptions]'IgnoreCase, CultureInvariant'
        $replace = [Text.RegularExpressions.MatchEvaluator]{
            param($Found)
            Hide-KnownForm $Found.Value
        }
        return [regex]::Replace($trimmed, $guidDigits, $replace, $options)
    }
    $bare = $trimmed.Trim([char[]]'{}')
    if ($bare -eq '') { $bare = $trimmed }
    return $trimmed.Replace($bare, "$Kind$(Get-Number $Kind $bare)")
}

function Hide-Words {
    param([string]$Text)
    $options = [Text.RegularExpressions.RegexOptions]'IgnoreCase, CultureInvariant'
    $codes = @()
    foreach ($found in [regex]::Matches($Text, $codeForm, $options)) {
        if ($codes -cnotcontains $found.Value) { $codes += $found.Value }
    }
    if ($codes.Length -eq 0) { return $removedText }
    return "$removedText ($([string]::Join(', ', $codes)))"
}

# Of every IPv4 address in a text, its bits.
function Get-AddressBits {
    param([string]$Text)
    foreach ($found in [regex]::Matches($Text, $v4Form)) {
        $bits = Get-Bits $found.Value
        if ($bits -ne '') { $bits }
    }
}

# Whether a version is, or has in it, what is an address elsewhere in the document.
function Test-TellsAddress {
    param([string]$Key, [string]$Text)
    if ($versionKeys -notcontains $Key) { return $false }
    foreach ($bits in @(Get-AddressBits $Text)) {
        if ($addresses.ContainsKey($bits)) { return $true }
    }
    return $false
}

# Whether a text is a word that everybody has, or has the harmless form of its key.
function Test-Harmless {
    param([string]$Key, [string]$Text)
    $words = $untouchedValues
    if ($nameKeys -contains $Key) { $words = $nameWords }
    if ($words -contains $Text.Trim()) { return $true }
    if (-not $forms.ContainsKey($Key)) { return $false }
    if ($null -eq (Get-Match $forms[$Key] $Text)) { return $false }
    return -not (Test-TellsAddress $Key $Text)
}

function Hide-Text {
    param([string]$Key, [string]$Text)
    if ($Text.Trim() -eq '') { return $Text }
    if ($removedKeys -contains $Key) { return Hide-Words $Text }
    if (Test-Harmless $Key $Text) { return $Text }
    $known = Hide-KnownForm $Text
    if ($null -ne $known) { return $known }
    if ($programKeys -contains $Key) { return Hide-Program $Text }
    if ($pathKeys -contains $Key) { return Hide-Path $Text }
    if ($placeKeys -contains $Key) { return Hide-Place $Text }
    if ($accountKeys -contains $Key) { return Hide-Account $Text }
    if ($numberedKeys.ContainsKey($Key)) {
        $kind = $numberedKeys[$Key]
        return [string]::Join(';', @(
            foreach ($each in $Text.Split(';')) { Hide-Instance $kind $each }
        ))
    }
    if ($nameKeys -contains $Key) { return Hide-Name $Text }
    return "text$(Get-Number 'text' $Text)"
}

function Test-OfAdapter {
    param($Row)
    foreach ($each in $ofAdapters) {
        if ($null -ne $Row.PSObject.Properties[$each]) { return $true }
    }
    return $false
}

function Hide-Value {
    param([string]$Key, $Value)
    if ($Value -is [string]) { return Hide-Text $Key $Value }
    if ($Value -is [Collections.IList]) {
        $items = @(foreach ($each in $Value) { Hide-Element $Key $each })
        return , $items
    }
    if ($Value -is [Collections.IDictionary]) { $Value = New-Object psobject -Property $Value }
    if ($Value -isnot [Management.Automation.PSCustomObject]) { return $Value }
    $hidden = @{}
    foreach ($property in $Value.PSObject.Properties) {
        $name = $property.Name
        if ($name -ceq 'SubnetNumber' -and $property.Value -is [string] -and
            $null -ne $Value.PSObject.Properties['PrefixLength']) {
            $whole = Hide-Text '' "$($property.Value)/$($Value.PrefixLength)"
            $ends = $whole.LastIndexOf('/')
            if ($ends -gt 0) { $whole = $whole.Substring(0, $ends) }
            $hidden[$name] = $whole
        }
        elseif ($name -ceq 'Name' -and (Test-OfAdapter $Value)) {
            $hidden[$name] = Hide-Value 'InterfaceAlias' $property.Value
        }
        else {
            $hidden[$name] = Hide-Value $name $property.Value
        }
    }
    return New-Object psobject -Property $hidden
}

# Finds every part of every name, as no placeholder may be one, and every address that is in a text,
# as no version may be one.
function Find-Label {
    param([string]$Key, $Value)
    if ($Value -is [string]) {
        if ($versionKeys -notcontains $Key) {
            foreach ($bits in @(Get-AddressBits $Value)) { $addresses[$bits] = $true }
        }
        if ($nameKeys -contains $Key) {
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

function Hide-Collected {
    param($Collected)
    Find-Label '' $Collected
    return Hide-Value '' $Collected
}
