"""What Windows prints for the most frequent codes in other languages, in small letters.

A text mostly has its code; these find it where the code was cut off.
"""

from __future__ import annotations

REFUSED = (
    (
        "\u5bfe\u8c61\u306e\u30b3\u30f3\u30d4\u30e5\u30fc\u30bf\u30fc\u306b\u3088\u3063\u3066"
        "\u62d2\u5426\u3055\u308c\u305f\u305f\u3081"
    ),
    "da der zielcomputer die verbindung verweigerte",
    "car l'ordinateur cible l'a express\u00e9ment refus\u00e9e",
    "el equipo de destino deneg\u00f3 expresamente dicha conexi\u00f3n",
    "rifiuto persistente del computer di destinazione",
    "a m\u00e1quina de destino as recusou ativamente",
    (
        "\u043a\u043e\u043d\u0435\u0447\u043d\u044b\u0439 \u043a\u043e\u043c\u043f\u044c"
        "\u044e\u0442\u0435\u0440 \u043e\u0442\u0432\u0435\u0440\u0433 \u0437\u0430\u043f"
        "\u0440\u043e\u0441 \u043d\u0430 \u043f\u043e\u0434\u043a\u043b\u044e\u0447\u0435"
        "\u043d\u0438\u0435"
    ),
    "\u7531\u4e8e\u76ee\u6807\u8ba1\u7b97\u673a\u79ef\u6781\u62d2\u7edd",
)
TIMED_OUT = (
    (
        "\u4e00\u5b9a\u306e\u6642\u9593\u3092\u904e\u304e\u3066\u3082\u6b63\u3057\u304f\u5fdc"
        "\u7b54\u3057\u306a\u304b\u3063\u305f"
    ),
    (
        "\u7531\u4e8e\u8fde\u63a5\u65b9\u5728\u4e00\u6bb5\u65f6\u95f4\u540e\u6ca1\u6709\u6b63"
        "\u786e\u7b54\u590d"
    ),
    "gegenstelle nach einer bestimmten zeitspanne nicht richtig reagiert",
)
RESET = (
    (
        "\u65e2\u5b58\u306e\u63a5\u7d9a\u306f\u30ea\u30e2\u30fc\u30c8 \u30db\u30b9\u30c8"
        "\u306b\u5f37\u5236\u7684\u306b\u5207\u65ad\u3055\u308c\u307e\u3057\u305f"
    ),
    (
        "\u8fdc\u7a0b\u4e3b\u673a\u5f3a\u8feb\u5173\u95ed\u4e86\u4e00\u4e2a\u73b0\u6709\u7684"
        "\u8fde\u63a5"
    ),
    "eine vorhandene verbindung wurde vom remotehost geschlossen",
)
NO_CREDENTIALS = (
    (
        "\u8cc7\u683c\u60c5\u5831\u304c\u30bb\u30ad\u30e5\u30ea\u30c6\u30a3 \u30d1\u30c3"
        "\u30b1\u30fc\u30b8\u306b\u3042\u308a\u307e\u305b\u3093"
    ),
)
PROCESSOR = (
    (
        "\u30d7\u30ed\u30bb\u30c3\u30b5\u56fa\u6709\u306e\u6a5f\u80fd\u3092\u4f7f\u7528\u3057"
        "\u3066\u3044\u307e\u3059"
    ),
)
