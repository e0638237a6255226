"""One event in each form in which administrators paste it: Event Viewer, wevtutil, PowerShell."""

from __future__ import annotations

from collections.abc import Callable

# Log name, source, date, event id, task category, level, error: as Event Viewer writes them.
LANGUAGES = {
    "English": ("Log Name", "Source", "Date", "Event ID", "Task Category", "Level", "Error"),
    "German": (
        *("Protokollname", "Quelle", "Datum", "Ereignis-ID", "Aufgabenkategorie", "Ebene"),
        "Fehler",
    ),
    "French": (
        *("Nom du journal ", "Source ", "Date ", "ID de l\u2019\u00e9v\u00e9nement "),
        *("Cat\u00e9gorie de la t\u00e2che ", "Niveau ", "Erreur"),
    ),
    "Italian": (
        *("Nome registro", "Origine", "Data", "ID evento", "Categoria attivit\u00e0", "Livello"),
        "Errore",
    ),
    "Spanish": (
        *("Nombre de registro", "Origen", "Fecha", "Id. del evento"),
        *("Categor\u00eda de la tarea", "Nivel", "Error"),
    ),
    "Portuguese": (
        *("Nome do Log", "Fonte", "Data", "Identifica\u00e7\u00e3o do Evento"),
        *("Categoria da Tarefa", "N\u00edvel", "Erro"),
    ),
    "Japanese": (
        *("\u30ed\u30b0\u306e\u540d\u524d", "\u30bd\u30fc\u30b9", "\u65e5\u4ed8"),
        *("\u30a4\u30d9\u30f3\u30c8 ID", "\u30bf\u30b9\u30af\u306e\u30ab\u30c6\u30b4\u30ea"),
        *("\u30ec\u30d9\u30eb", "\u30a8\u30e9\u30fc"),
    ),
    "Chinese": (
        *("\u65e5\u5fd7\u540d\u79f0", "\u6765\u6e90", "\u65e5\u671f", "\u4e8b\u4ef6 ID"),
        *("\u4efb\u52a1\u7c7b\u522b", "\u7ea7\u522b", "\u9519\u8bef"),
    ),
    "Chinese, traditional": (
        *("\u8a18\u9304\u6a94\u540d\u7a31", "\u4f86\u6e90", "\u65e5\u671f"),
        *("\u4e8b\u4ef6\u8b58\u5225\u78bc", "\u5de5\u4f5c\u985e\u5225", "\u7b49\u7d1a"),
        "\u932f\u8aa4",
    ),
    "Korean": (
        *("\ub85c\uadf8 \uc774\ub984", "\uc6d0\ubcf8", "\ub0a0\uc9dc", "\uc774\ubca4\ud2b8 ID"),
        *("\uc791\uc5c5 \ubc94\uc8fc", "\uc218\uc900", "\uc624\ub958"),
    ),
    "Russian": (
        *("\u0418\u043c\u044f \u0436\u0443\u0440\u043d\u0430\u043b\u0430",),
        *("\u0418\u0441\u0442\u043e\u0447\u043d\u0438\u043a", "\u0414\u0430\u0442\u0430"),
        *("\u041a\u043e\u0434 \u0441\u043e\u0431\u044b\u0442\u0438\u044f",),
        *("\u041a\u0430\u0442\u0435\u0433\u043e\u0440\u0438\u044f",),
        *("\u0423\u0440\u043e\u0432\u0435\u043d\u044c", "\u041e\u0448\u0438\u0431\u043a\u0430"),
    ),
    "Polish": (
        *("Nazwa dziennika", "\u0179r\u00f3d\u0142o", "Data", "Identyfikator zdarzenia"),
        *("Kategoria zadania", "Poziom", "B\u0142\u0105d"),
    ),
    "Dutch": (
        *("Logboeknaam", "Bron", "Datum", "Gebeurtenis-id", "Taakcategorie", "Niveau", "Fout"),
    ),
    "Swedish": (
        *("Loggnamn", "K\u00e4lla", "Datum", "H\u00e4ndelse-ID", "Aktivitetskategori", "Niv\u00e5"),
        "Fel",
    ),
    "Czech": (
        *("N\u00e1zev protokolu", "Zdroj", "Datum", "ID ud\u00e1losti", "Kategorie \u00falohy"),
        *("\u00darove\u0148", "Chyba"),
    ),
    "Turkish": (
        *("G\u00fcnl\u00fck Ad\u0131", "Kaynak", "Tarih", "Olay Kimli\u011fi"),
        *("G\u00f6rev Kategorisi", "D\u00fczey", "Hata"),
    ),
    "Hungarian": (
        *("Napl\u00f3n\u00e9v", "Forr\u00e1s", "D\u00e1tum", "Esem\u00e9nyazonos\u00edt\u00f3"),
        *("Feladatkateg\u00f3ria", "Szint", "Hiba"),
    ),
    "Finnish": (
        *("Lokin nimi", "L\u00e4hde", "P\u00e4iv\u00e4ys", "Tapahtumatunnus"),
        *("Teht\u00e4v\u00e4luokka", "Taso", "Virhe"),
    ),
    "a language that nobody listed": ("Bli bla", "Blo", "Blu", "Gna gne", "Gni gno", "Gnu", "Zot"),
}


def event_viewer(language: str, pad: str, source: str, number: int) -> str:
    """Return an event as Event Viewer's "copy as text" gives it, padded so."""
    log, origin, date, identifier, task, level, error = LANGUAGES[language]
    return (
        f"{log}:{pad}{source}-Admin\n{origin}:{pad}{source}\n{date}:{pad}07.05.2025 10:12:44\n"
        f"{identifier}:{pad}{number}\n{task}:{pad}(1020)\n{level}:{pad}{error}\n"
        f"X:{pad}NODE1.contoso.com\n"
    )


def wevtutil_text(source: str, number: int) -> str:
    """Return what wevtutil qe /f:text prints, with its running number."""
    return (
        f"Event[4]:\n  Log Name: {source}-Admin\n  Source: {source}\n"
        f"  Date: 2026-11-26T10:12:01.000\n  Event ID: {number}\n  Task: N/A\n  Level: Error\n"
        "  Opcode: Info\n  Keyword: N/A\n  User: S-1-5-18\n  Computer: NODE1\n"
    )


def xml(source: str, number: int) -> str:
    """Return the XML view of an event, with other numbers around it."""
    return (
        "<Event xmlns='http://schemas.microsoft.com/win/2004/08/events/event'><System>"
        f"<Provider Name='{source}' Guid='{{6066F867-7CA1-4418-85FD-36E3F9C0600C}}'/>"
        f"<EventID Qualifiers='0'>{number}</EventID><Version>0</Version><Level>2</Level>"
        "<Keywords>0x8000000000000000</Keywords><EventRecordID>21502</EventRecordID>"
        "<Execution ProcessID='2912' ThreadID='10061'/></System></Event>"
    )


def escaped_xml(source: str, number: int) -> str:
    """Return the same, as a web page escapes it."""
    return xml(source, number).replace("<", "&lt;").replace(">", "&gt;")


def friendly(source: str, number: int) -> str:
    """Return the friendly view of Event Viewer's details."""
    return (
        f"- System \n\n  - Provider \n\n   [ Name]  {source} \n"
        "   [ Guid]  {6066F867-7CA1-4418-85FD-36E3F9C0600C} \n \n"
        f"   EventID {number} \n \n   Version 0 \n \n   Level 2 \n \n   Task 0 \n \n"
        "   EventRecordID 21502 \n \n  - Execution \n   [ ProcessID]  2912 \n"
        "   [ ThreadID]  10060 \n"
    )


def table(source: str, number: int) -> str:
    """Return the default table of Get-WinEvent."""
    return (
        f"   ProviderName: {source}\n\n"
        "TimeCreated                     Id LevelDisplayName Message\n"
        "-----------                     -- ---------------- -------\n"
        f"11/26/2026 10:12:44 AM       {number:>5} Error            It failed....\n"
    )


def loose_table(source: str, number: int) -> str:
    """Return that table as a mail makes it: without its blanks and its line."""
    return (
        f"ProviderName: {source}\nTimeCreated Id LevelDisplayName Message\n"
        f"26.11.2026 10:12:44 {number} Fehler Es ging nicht....\n"
    )


def chosen_columns(source: str, number: int) -> str:
    """Return a table of chosen columns, with the source in one of them."""
    line = "-" * len(source)
    return (
        f"TimeCreated            Id {'ProviderName':<{len(source)}} RecordId\n"
        f"-----------            -- {line} --------\n"
        f"26.11.2026 10:12:44 {number:>5} {source}    21502\n"
    )


def get_event_log(source: str, number: int) -> str:
    """Return the table of Get-EventLog, whose index is no event."""
    width = len(source)
    return (
        f"   Index Time          EntryType   {'Source':<{width}} InstanceID Message\n"
        f"   ----- ----          ---------   {'-' * width} ---------- -------\n"
        f"   12700 Nov 26 10:12  Error       {source} {0xC0000000 + number:>10} It failed\n"
    )


def short_list(source: str, number: int) -> str:
    """Return Get-WinEvent behind Format-List."""
    return (
        f"TimeCreated  : 11/26/2026 10:12:44 AM\nProviderName : {source}\n"
        f"Id           : {number}\nMessage      : It failed.\n"
    )


def whole_list(source: str, number: int) -> str:
    """Return Get-WinEvent behind Format-List *, where the number comes first."""
    return (
        f"Message              : It failed.\nId                   : {number}\n"
        "Version              : 0\nQualifiers           : 16384\nLevel                : 2\n"
        "Task                 : 0\nOpcode               : 0\n"
        "Keywords             : -9223372036854775808\nRecordId             : 12700\n"
        f"ProviderName         : {source}\nLogName              : {source}-Admin\n"
        "ProcessId            : 2912\nThreadId             : 10061\nMachineName          : NODE1\n"
    )


def csv(source: str, number: int) -> str:
    """Return Get-WinEvent behind Export-Csv, with a text of two lines."""
    return (
        "#TYPE System.Diagnostics.Eventing.Reader.EventLogRecord\n"
        '"Message","Id","Version","RecordId","ProviderName","ProcessId"\n'
        f'"It failed, said\nHyper-V: ""so""","{number}","0","12700","{source}","2912"\n'
    )


def csv_of_continental_europe(source: str, number: int) -> str:
    """Return the same with semicolons."""
    return (
        '"TimeCreated";"Id";"ProviderName";"ProcessId"\n'
        f'"26.11.2026 10:12:44";"{number}";"{source}";"2912"\n'
    )


def export_of_event_viewer(source: str, number: int) -> str:
    """Return Event Viewer's own CSV, whose last column has no name."""
    return (
        "Level,Date and Time,Source,Event ID,Task Category\n"
        f'Error,11/26/2026 10:12:44 AM,{source},{number},None,"It failed."\n'
    )


def json(source: str, number: int) -> str:
    """Return ConvertTo-Json of Windows PowerShell, dates and all."""
    return (
        f'[\n    {{\n        "Id":  {number},\n        "Version":  0,\n'
        '        "Qualifiers":  null,\n'
        f'        "Level":  2,\n        "RecordId":  12700,\n        "ProviderName":  "{source}",\n'
        '        "ProcessId":  2912,\n        "ThreadId":  10061,\n'
        '        "TimeCreated":  "\\/Date(1732615964000)\\/"\n    }\n]\n'
    )


def clixml(source: str, number: int) -> str:
    """Return Export-Clixml."""
    return (
        '<Objs Version="1.1.0.1"><Obj RefId="0"><Props>'
        f'<I32 N="Id">{number}</I32><By N="Version">0</By><I64 N="RecordId">12700</I64>'
        f'<S N="ProviderName">{source}</S><I32 N="ProcessId">2912</I32></Props></Obj></Objs>'
    )


def in_one_object(source: str, number: int) -> str:
    """Return what PowerShell makes of an event in a string."""
    return f"@{{TimeCreated=26.11.2026; Id={number}; ProviderName={source}; RecordId=12700}}"


def in_one_line(source: str, number: int) -> str:
    """Return a copy of Event Viewer's text that lost its lines."""
    return event_viewer("English", "      ", source, number).replace("\n", " ")


FORMS: tuple[Callable[[str, int], str], ...] = (
    *(wevtutil_text, xml, escaped_xml, friendly, table, loose_table, chosen_columns),
    *(get_event_log, short_list, whole_list, csv, csv_of_continental_europe),
    *(export_of_event_viewer, json, clixml, in_one_object, in_one_line),
)
