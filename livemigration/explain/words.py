"""The words that mark a plain number as a code, in the languages of Windows Server.

They mark a place, and nothing is judged by them: which code it is, its number says.
"""

from __future__ import annotations

ERROR = (
    "errors?",
    "errno",
    "exception",
    "fehler",
    "erreur",
    "errore",
    "erro",
    "fout",
    "fel",
    "hata",
    "hiba",
    "chyba",
    "chyby",
    "b[\u0142l][\u0105a]d",
    "b[\u0142l][\u0119e]du",
    "\u043e\u0448\u0438\u0431\u043a[\u0430\u0438]",
    "\u30a8\u30e9\u30fc",
    "\uc624\ub958",
    "\u9519\u8bef",
    "\u932f\u8aa4",
)
EVENT = (
    "events?",
    "ereignis",
    "[\u00e9e]v[\u00e9e]nement",
    "evento",
    "gebeurtenis",
    "h[\u00e4a]ndelse",
    "olay",
    "esem[\u00e9e]ny",
    "ud[\u00e1a]lost",
    "zdarzeni[ea]",
    "\u0441\u043e\u0431\u044b\u0442\u0438[\u0435\u044f]",
    "\u30a4\u30d9\u30f3\u30c8",
    "\uc774\ubca4\ud2b8",
    "\u4e8b\u4ef6",
)
WARNING = (
    "warning",
    "information",
    "warnung",
    "informationen",
    "avertissement",
    "avviso",
    "informazioni",
    "advertencia",
    "aviso",
    "waarschuwing",
    "varning",
    "advarsel",
    "ostrze\u017cenie",
    "upozorn\u011bn\u00ed",
    "figyelmeztet\u00e9s",
    "uyar\u0131",
    "\u043f\u0440\u0435\u0434\u0443\u043f\u0440\u0435\u0436\u0434\u0435\u043d\u0438\u0435",
    "\u8b66\u544a",
    "\u60c5\u5831",
    "\u4fe1\u606f",
    "\uacbd\uace0",
)
# What Event Viewer writes before the name of what logged an event.
SOURCE = (
    "source",
    "source ?name",
    "provider",
    "provider ?name",
    "quelle",
    "origine",
    "origen",
    "fonte",
    "origem",
    "bron",
    "k\u00e4lla",
    "kilde",
    "l\u00e4hde",
    "kaynak",
    "forr\u00e1s",
    "zdroj",
    "\u017ar\u00f3d\u0142o",
    "\u0438\u0441\u0442\u043e\u0447\u043d\u0438\u043a",
    "\u30bd\u30fc\u30b9",
    "\u6765\u6e90",
    "\u4f86\u6e90",
    "\uc6d0\ubcf8",
)
# What may stand between such a word and its number: "Error code: 5", "Ereignis-ID 5", "hata kodu".
LABEL = (
    "code",
    "codes",
    "id",
    "ids",
    "number",
    "nummer",
    "numero",
    "num[\u00e9e]ro",
    "n[\u00famu]mero",
    "kod",
    "kodu",
    "k[\u00f3o]d",
    "k[\u00f3o]dja",
    "kennung",
    "azonos[\u00edi]t[\u00f3o]",
    "\u043a\u043e\u0434",
    "\u30b3\u30fc\u30c9",
    "\u756a\u53f7",
    "\ucf54\ub4dc",
    "\u4ee3\u7801",
    "\u4ee3\u78bc",
    "\u865f\u78bc",
)
RETURNED = ("returnvalue", "return value", "return code", "r\u00fcckgabewert", "valeur de retour")

# What follows a number that is part of a date, an address, a version, a count or a larger number.
END = (
    r"(?![0-9A-Za-z_]|[.,:/\-][0-9A-Za-z]|"
    r"[ ]{1,3}(?:of|von|de|sur|di|z|van|av|\u0438\u0437)[ ][0-9]|"
    # "5 November 2026", and never "10698 and 21502".
    r"(?<![0-9]{3})\.?[ ]{1,3}(?:de[ ])?[^\W\d_]{3,20}\.?,?[ ]{1,3}(?:de[ ])?[0-9]{4})"
)
