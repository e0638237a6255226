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
