"""Plates of the Americas, Asia, Australia and Africa: (weight, style); fields as in regions_europe."""
from .formats import FULL, NO_IO, NO_IOQ
from .regions_europe import BLUE, GREEN, K, RED, W, Y

DIES = ("stroke:ny", "stroke", "stroke", "condensed", "rounded")
BRAZIL = ("stroke:br", "stroke:br", "stroke", "condensed")
NAVY, MAROON, TEAL = (30, 40, 110), (120, 20, 40), (20, 110, 110)
LIGHT = [W, W, (200, 220, 240), (245, 240, 205), (215, 235, 215), (240, 215, 200), (190, 205, 230)]
US = dict(aspect=2.0, h=.45, bg=LIGHT, fg=[K, K, NAVY, BLUE, RED, MAROON, GREEN], fonts=DIES, alphabet=FULL, band="none", decor="us")


def _u(code, patterns, **kw):
    return {**US, "region": code, "patterns": patterns, "letters": "", **kw}


_USP = ["LLL DDDD", "LLL-DDDD", "LLL*DDDD", "DDD LLL", "DDD-LLL", "DDD*LLL", "LLL DDD", "LLL-DDD", "LLL*DDD", "DLLLDDD", "DDDD LL", "LLDD LLL",
        "LDD-LLL", "LDD*LLL", "DDDDDD", "DDD DDD", "DDD-DDD", "DDD*DDD", "LL DDDDD", "LLDDDDD", "DLDDDD", "LDDDDDD", "DDDDDDD", "DD-DDDD", "DDLDDD",
        "DDDLL", "DDLLL", "DLD LLL", "DDD:LLD", "LLL DDL", "LL-LLL", "LLLL", "LLLLL", "LLLLLL", "LLLLLLL", "LLL LLL", "LL LLLL", "XXXXX", "XX XXX",
        "LDDDDDDL", "LDDDDDDDL", "DDDD*DDD", "DDDDLL", "D*DDDDDL", "DDDDL", "LLDDD", "LLDDDD", "LLD*DDD", "DDDDD*LL", "X", "XX", "XXX"]
_YC = dict(bg=[(245, 170, 20), (240, 190, 60), (235, 200, 40)], fg=[(20, 25, 70), K])
_MX = ["LLL-DD-DD", "LLL-DDD-L", "DDD-LLL", "LLL DD DD", "LDD-LLL", "DDD LLL", "LL-DDDDD"]
WORLD = [
    (20, _u("US", _USP)),
    (4, _u("US", ["LLL*DDDD", "LLL-DDDD", "LDDDDDDL", "TDDDDDDC", "DDDDD*LL", "DDDD*LL", "LLL*DDD", "LL*DDDD", "{T}DDDDDD{C}"], bg=[W, W, (245, 240, 230)], fg=[NAVY, K], fonts=("stroke:ny", "stroke:ny", "stroke"))),
    (3, _u("US", ["LLL*DDDD", "{T}DDDDDD{C}", "DDDDD*LL", "LLL*DDD", "LDDDDDDL", "DLLLDDD"], fonts=("stroke:ny", "stroke:ny", "stroke"), **_YC)),
    (2, _u("US", ["LLL*DDD", "LDD*LLL", "LLL*DDL", "LLLDDL", "LDDLLL"], bg=[(235, 225, 140), (225, 215, 120), (240, 235, 200)], fg=[K, (40, 30, 20)])),
    (3, _u("US", _USP, bg=[K, NAVY, (20, 80, 60), MAROON, (60, 60, 90)], fg=[(240, 240, 240), (240, 200, 60), (230, 230, 200)])),
    (4, _u("US", ["DLD L", "DDDD DD", "DLDD L", "LLLDD L", "DDDD LL"], small_last=True)),
    (3, _u("US", ["DLDD:L", "DLDD L", "DDDD:DD", "DDDDD:L", "DLDD:D", "LLLDD:D"], small_last=True, fonts=("stroke:ny", "stroke:ny", "stroke"), **_YC)),
    (2, _u("US", ["DLDD:L", "DDDD:DD", "LDD:D", "DDDD:L"], small_last=True, fonts=("stroke:ny", "stroke:ny", "stroke"))),
    (1, _u("US", ["LDDDDD", "DDDDD", "DDDD", "DDD LLL"], aspect=1.7, h=.42, decor="us")),
    (4, _u("CA", ["LLLL DDD", "LLL DDD", "LL DDDDL", "LLL-DDDD", "DDD LLL", "LDD LLL", "LL*DDDL", "LLLL*DDD"], bg=[W], fg=[BLUE, BLUE, RED, K])),
    (4, _u("BR", ["LLL-DDDD", "LLL.DDDD", "LLL DDDD", "LLL*DDDD"], aspect=3.05, h=.52, bg=[(170, 172, 172), (190, 190, 188), (150, 150, 150)], fg=[K], fonts=BRAZIL, decor="br")),
    (3, _u("BR", ["LLL-DDDD", "LLL.DDDD"], aspect=3.05, h=.52, bg=[(160, 30, 30), (120, 40, 40), (150, 70, 60)], fg=[(240, 240, 240)], fonts=BRAZIL, decor="br")),
    (2, _u("BR", ["LLL/DDDD"], aspect=1.2, h=.34, bg=[(175, 175, 175), (150, 30, 30)], fg=[K], fonts=BRAZIL, decor="br")),
    (3, _u("BR", ["LLLDLDD"], aspect=3.1, h=.6, bg=[W], fg=[K, K, RED, BLUE, GREEN], decor="mercosur")),
    (2, _u("BR", ["LLL/DLDD"], aspect=1.2, h=.34, bg=[W], fg=[K, RED], decor="mercosur")),
    (2, _u("AR", ["LL DDD LL", "LL DDDLL"], aspect=3.1, h=.56, bg=[W], fg=[K], decor="mercosur")),
    (1, _u("AR", ["LLL*DDD", "LLL DDD"], aspect=2.3, h=.55, bg=[K], fg=[(235, 235, 235)], decor="latam")),
    (1, _u("UY", ["LLL DDDD"], aspect=3.1, h=.56, bg=[W], fg=[K], decor="mercosur")),
    (1, _u("PY", ["LLLL DDD", "LLL DDD"], aspect=3.1, h=.56, bg=[W], fg=[K], decor="mercosur")),
    (2, _u("CL", ["LLLL*DD", "LL*DDDD", "LL-LL*DD", "LLLL-DD", "LL DDDD"], aspect=2.7, h=.58, bg=[W, (240, 150, 40)], fg=[K], decor="latam")),
    (2, _u("CO", ["LLL DDD", "LLL*DDD", "LLL-DDD"], aspect=2.0, h=.55, bg=[Y, W], fg=[K], decor="latam")),
    (2, _u("CO", ["LLL/DDL", "LLL/DD"], aspect=1.25, h=.36, bg=[Y], fg=[K], decor="latam")),
    (1, _u("PE", ["LDL-DDD", "XXX-DDD", "LLL-DDD"], aspect=2.0, h=.5, bg=[W, Y], fg=[K], decor="latam")),
    (1, _u("EC", ["LLL-DDDD", "LLL-DDD"], aspect=2.6, h=.55, bg=[W], fg=[K], decor="latam")),
    (1, _u("VE", ["LLDDDLL", "LL DDD LL", "LLL DDL"], aspect=2.0, h=.5, bg=[W], fg=[K], decor="latam")),
    (1, _u("BO", ["DDDD LLL", "DDDDLLL"], aspect=2.2, h=.55, bg=[W], fg=[BLUE, K], decor="latam")),
    (3, _u("MX", _MX, aspect=2.0, h=.42, decor="us")),
    (2, _u("CR", ["DDDDDD", "LLL-DDD", "LLL DDD", "LDDDDDD", "L-DDD LLL", "DDD LLL"], aspect=2.0, h=.5, bg=[W, (190, 215, 240)], fg=[BLUE, K], decor="latam")),
    (5, _u("IN", ["{MH|DL|KL|TN|KA|HR|UP|GJ|AP|TS|WB|RJ|PB|MP} DD LL DDDD", "{MH|DL|KL|TN|KA|HR|UP}DDLLDDDD", "{DL}D L{A|C} DDDD", "LL DD L DDDD",
                  "{MH|TN|KA} DD LL DDD", "LL:DD:LL:DDDD", "LLDDL:DDDD", "LL.DD.LL.DDDD", "LL-DD-L-DDDD"],
             aspect=4.4, h=.62, bg=[W, W, W, Y, K], fg=[K], alphabet=NO_IO, band="ind", decor="dealer", fonts=("regular", "condensed", "stroke", "mono", "odd"))),
    (6, _u("IN", ["{MH|DL|KL|TN|KA|HR} DD/LL DDDD", "LLDDLL/DDDD", "LL DD L/DDDD", "LL DD/L DDDD", "LLDD/LLDDDD"], aspect=1.7, h=.36, bg=[W, W, Y], fg=[K],
             alphabet=NO_IO, band="none", decor="dealer", fonts=("regular", "condensed", "stroke", "mono", "odd"))),
    (14, _u("VN", ["DD-LD/DDD.DD", "DD-LD/DDDD", "DDL/DDD.DD", "DD-LL/DDD.DD", "DD-LD/DDDDD", "{59|51|29|30|54}-LD/DDD.DD"], aspect=1.35, h=.38, bg=[W, W, W, BLUE, Y], fg=[K],
             decor="plain", fonts=("stroke:vn", "stroke:vn", "stroke", "condensed"))),
    (2, _u("VN", ["DDL-DDD.DD", "DDL-DDDD", "DDL DDDDD", "DDLL-DDD.DD"], aspect=4.3, h=.66, bg=[W, W, Y, BLUE], fg=[K], decor="plain")),
    (2, _u("MY", ["LLL DDDD", "LL DDDD", "LL DDDD L", "LLL DDD", "L DDDD", "{W}LL DDDD L"], aspect=4.2, h=.66, bg=[K], fg=[(235, 235, 235)], decor="plain", fonts=("regular", "odd", "condensed", "stroke"))),
    (2, _u("MY", ["LLL/DDDD", "LL/DDDD"], aspect=1.6, h=.38, bg=[K], fg=[(235, 235, 235)], decor="plain", fonts=("regular", "odd", "condensed"))),
    (2, _u("SG", ["LLLDDDDL", "SLLDDDDL", "{S}LL DDDD L", "LLL DDD L"], aspect=4.5, h=.62, bg=[K, Y, W], fg=[(235, 235, 235), K], alphabet=NO_IO, decor="plain")),
    (2, _u("ID", ["L DDDD LL", "L DDDD LLL", "{B|D|L|H|AB|DK|AD} DDDD LL", "LL DDDD L"], aspect=3.1, h=.5, bg=[K, W], fg=[(235, 235, 235), K], decor="id")),
    (2, _u("PH", ["LLL DDDD", "LLL DDD", "LLL-DDDD"], aspect=2.4, h=.5, bg=[W], fg=[GREEN, K], decor="us")),
    (1, _u("KH", ["DL-DDDD", "DLL-DDDD", "LL-DDDD"], aspect=2.6, h=.5, bg=[W], fg=[BLUE, RED], decor="latam")),
    (1, _u("LK", ["LL LLL-DDDD", "LLL-DDDD", "LL-DDDD", "LL LL-DDDD"], aspect=4.2, h=.6, bg=[W, Y], fg=[K], decor="plain")),
    (1, _u("PK", ["LLL-DDD", "LLL DDDD", "LL-DDDD", "LLL-DD-DDD"], aspect=2.2, h=.5, bg=[W, Y], fg=[K], decor="latam")),
    (1, _u("CN", ["*LDDDDD", "*L.DDDDD", "*L.XXXXX"], aspect=3.1, h=.62, bg=[(20, 60, 160), (60, 170, 110)], fg=[(240, 240, 240)], alphabet=NO_IO, decor="plain")),
    (4, _u("AU", ["LLL:DDD", "LLL DDD", "LLDDLL", "LL DD LL", "DLL DLL", "DLLDLL", "DDD LLL", "LLL DDL", "SDDD LLL", "{S}DDD*LLL", "DLLLDDD", "XXXXXX", "LDDDDDD"],
             aspect=2.8, h=.52, bg=[W, (240, 225, 130), Y, K, (220, 230, 220)], fg=[K, BLUE, GREEN, MAROON, (240, 230, 150)], decor="au")),
    (1, _u("NZ", ["LLLDDD", "LLL DDD", "LLDDDD"], aspect=2.9, h=.66, bg=[W, K], fg=[K, W], decor="plain")),
    (3, _u("AE", ["L DDDDD", "L DDDD", "DD DDDDD", "DDDDD L", "D DDDDD", "L:DDDDD"], aspect=4.5, h=.58, bg=[W], fg=[K], decor="gulf", fonts=("regular", "stroke", "condensed"))),
    (1, _u("AE", ["L DDDDD", "DD DDDDD", "L DDDD"], aspect=2.0, h=.42, bg=[W], fg=[K], decor="gulf2", fonts=("regular", "stroke", "condensed"))),
    (2, _u("SA", ["DDDD LLL", "DDD LLL", "DDDD L L L", "D D D D L L L"], aspect=4.4, h=.42, bg=[W, Y], fg=[K], alphabet="ABDEGHJKLNRSTUVXZ", decor="arabic_top", fonts=("regular", "condensed"))),
    (1, _u("QA", ["DDDDDD", "DDDDD"], aspect=4.2, h=.6, bg=[W], fg=[(90, 20, 50), K], decor="gulf")),
    (1, _u("OM", ["DDDDD LL", "DDDD L"], aspect=4.2, h=.55, bg=[Y, W], fg=[K], decor="gulf")),
    (1, _u("KW", ["DD DDDDD", "DDDDD"], aspect=2.6, h=.45, bg=[W], fg=[K], decor="gulf2")),
    (1, _u("EG", ["DDDD LLL", "DDD LLL"], aspect=2.0, h=.4, bg=[W], fg=[K], decor="arabic_top")),
    (2, _u("IL", ["DD-DDD-DD", "DDD-DD-DDD", "DD DDD DD"], aspect=4.5, h=.68, bg=[Y], fg=[K], band="blue", fonts=("stroke", "condensed"))),
    (2, _u("ZA", ["LL DD LL {GP}", "LLL DDD {GP|MP|NW|L}", "{CA|CY|CJ} DDDDDD", "{CA} DDD-DDD", "{ND} DDDDD", "LL DD LL*{GP|EC|FS}"], aspect=4.4, h=.6, bg=[W, Y], fg=[K, BLUE, (20, 90, 70)], decor="plain")),
    (1, _u("KE", ["{K}LL DDDL", "LLL DDDL"], aspect=4.4, h=.66, bg=[W, Y], fg=[K], decor="plain")),
    (1, _u("NG", ["LLL-DDDLL", "LLL DDD LL"], aspect=2.0, h=.45, bg=[W], fg=[BLUE], decor="us")),
    (1, _u("MA", ["DDDDD-D", "DDDDD L DD"], aspect=4.5, h=.62, bg=[W], fg=[K], decor="plain")),
]
