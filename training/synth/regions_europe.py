"""European plates, one by one: (weight, style). Sources: the countries' published registration formats.

`bg`/`fg` are lists of RGB; `band`: blue EU strip with the letters given, or another strip; `h`: character height
as a fraction of the plate's height; `aspect`: width / height; `fonts`: groups of synth.fonts ('stroke' = own dies);
`sep`: what `*` becomes most often.
"""
from .formats import CYR, ES, FR, FULL, NL, NO_IO, NO_IOQ

W, Y, K = (238, 238, 236), (244, 200, 30), (22, 22, 24)
BLUE, GREEN, RED = (20, 50, 140), (10, 100, 60), (170, 25, 30)
DIN = ("condensed", "stroke", "stroke:din", "stroke:din", "regular")
EU = dict(aspect=4.7, h=.70, bg=[W], fg=[K], fonts=DIN, alphabet=FULL, band="eu", decor="eu")


def _s(code, patterns, **kw):
    return {**EU, "region": code, "patterns": patterns, "letters": code, **kw}


_DE2 = ["L*LL DDDD", "LL*LL DDD", "LLL*L DDD", "LL*L DDDD", "L*LL DDD", "LLL*LL DD", "L*L DDDD"]
EUROPE = [
    (4, _s("D", _DE2, fonts=("stroke:de", "stroke:de", "stroke", "condensed", "mono"))),
    (2, _s("D", ["LL*L/DDDD", "L*LL/DDD", "LLL*/LL DD"], aspect=1.7, h=.36, fonts=("stroke:de", "condensed"))),
    (3, _s("F", ["LL-DDD-LL"], alphabet=FR, band="eu2")),
    (2, _s("F", ["LL-DDD/LL", "LL-/DDD-LL"], alphabet=FR, aspect=1.4, h=.36, band="eu2")),
    (1, _s("F", ["DDD LL DD", "DDDD LLL DD", "DDDD LL DD"], bg=[W, Y], band="none")),
    (5, _s("I", ["LL DDDLL", "LL*DDDLL"], fonts=("stroke:it", "stroke:it", "condensed"), alphabet=NO_IOQ.replace("U", ""), band="eu2")),
    (2, _s("I", ["LL DDD/LL", "LL/DDDDD"], alphabet=NO_IOQ, aspect=1.2, h=.36)),
    (4, _s("E", ["DDDD LLL"], alphabet=ES)),
    (1, _s("E", ["{M|B|V|GC|TF|SE} DDDD LL", "{M|B|V|A|GC|TF}-DDDD-LL"], alphabet=ES, band="none")),
    (2, _s("E", ["DDDD/LLL", "DDDD LL/L"], alphabet=ES, aspect=1.4, h=.38)),
    (2, _s("P", ["LL-DD-LL", "DD-LL-DD", "DD-DD-LL", "LL DD LL"])),
    (3, _s("NL", ["DD-LL-LL", "LL-DDD-L", "L-DDD-LL", "DD-LLL-D", "D-LLL-DD", "LL-LL-DD", "LL-DD-LL", "DD-DD-LL"], alphabet=NL, bg=[Y, Y, Y, W])),
    (2, _s("NL", ["LL-DDD/L", "DD-LL/LL", "D-LLL/DD"], alphabet=NL, bg=[Y], aspect=1.35, h=.36)),
    (2, _s("B", ["N-LLL-DDD", "LLL-DDD", "DDD-LLL"], fg=[(150, 30, 40), RED], alphabet=NO_IOQ)),
    (1, _s("L", ["LL DDDD", "DDDDD", "DDDD"], bg=[Y])),
    (2, _s("A", ["L*DDDDD L", "LL*DDD LL", "L*DDDD L", "LL*DDDD L", "LL* DDD LL"], decor="at", fonts=("condensed", "regular", "stroke"))),
    (2, _s("CH", ["{ZH|BE|AG|VD|GE|SG|LU|TI|VS|BS}*DDDDDD", "{ZH|BE|AG|VD|GE}*DDDDD", "*LL DDD DDD"], band="none", fonts=("regular", "stroke"))),
    (2, _s("PL", ["LL DDDDD", "LLL DDDD", "LLL LDDD", "LL DDDDL", "LLL DDLL", "LL*DDDDD", "LL*DDDLL", "LLL*DDLL", "L*DDLLL"], fonts=("condensed", "rounded", "stroke"))),
    (2, _s("PL", ["LL/DDDDD", "LLL/DDDD", "LLL/LDDD"], aspect=1.5, h=.37)),
    (2, _s("CZ", ["DLD DDDD", "DLD*DDDD", "LLL DD DD", "DL*D DDDD"])),
    (1, _s("SK", ["LL*DDDLL", "LL-DDDLL", "LL DDDLL"])),
    (2, _s("H", ["LLL-DDD", "LL LL-DDD", "LLL*DDD", "LL*LL-DDD"])),
    (3, _s("RO", ["{B} DDD LLL", "{B} DD LLL", "{CJ|TM|IS|CT|BV|PH|DJ|AG|BC|SB|IF|DB|GL|BH} DD LLL", "{B|IF|CT|CJ} DDDDDD", "LL DD LLL"], alphabet=FULL.replace("Q", ""))),
    (1, _s("RO", ["{B} DDDDDD", "{IF|CT} DDDDDD"], fg=[RED])),
    (2, _s("BG", ["{A|B|C|E|H|K|M|P|T|X|Y|CA|CB|PB|EB|BT|BP|CO|CT|TX|OB}DDDDLL", "{CA|CB|B|PB} DDDD LL"], alphabet=CYR)),
    (2, _s("GR", ["LLL-DDDD", "LLL DDDD"], alphabet="ABEZHIKMNOPTYX")),
    (2, _s("GR", ["LLL/DDDD", "LLL-/DDDD"], alphabet="ABEZHIKMNOPTYX", aspect=1.35, h=.38)),
    (2, _s("HR", ["LL*DDDD-LL", "LL*DDD-LL", "LL*DDD-L", "{ZG}*DDDD-LL", "{ZG|ST|RI|OS|PU}*DDDD-L"])),
    (1, _s("SLO", ["{LJ|MB|CE|KR|KP|NM|GO|MS|SG}*LL-DDD", "LL*DD-DLL", "LL*LDD-LL"], fg=[K, (20, 80, 50)], border="green")),
    (2, _s("S", ["LLL DDD", "LLL DDL"], alphabet=NO_IOQ, fonts=("condensed", "regular", "stroke"))),
    (2, _s("N", ["LL DDDDD", "LL DDDD"], band="nor", bg=[W, W, (10, 110, 60)], fg=[K])),
    (2, _s("DK", ["LL DD DDD", "LL DDDDD"], border="red", band="eu0")),
    (2, _s("DK", ["LL/DD DDD", "LL DD/DDD"], border="red", aspect=1.5, h=.36)),
    (2, _s("FIN", ["LLL-DDD", "LLL-DD", "LL-DDD"])),
    (1, _s("EST", ["DDD LLL"])), (1, _s("LV", ["LL-DDDD", "LL-DDD"])), (1, _s("LT", ["LLL:DDD", "LLL*DDD", "LL*DDDD"])),
    (2, _s("IRL", ["DDD-L-DDDDD", "DDD-LL-DDDD", "DD-L-DDDDD", "DD-LL-DDDDD", "DDD-{D|C|G|KE|LK|WW|MH}-DDDDD"], decor="irl", h=.6)),
    (1, _s("CY", ["LLL DDD"])), (1, _s("M", ["LLL DDD"])), (1, _s("AL", ["LL DDDLL"], band="eu2", alphabet=NO_IOQ)),
    (2, _s("SRB", ["{BG|NS|NI|KG|SU}*DDDD-LL", "LL*DDD-LL", "LL*DDD LL"], band="blue")),
    (1, _s("BIH", ["LDD-L-DDD", "{A|E|J|K|M|O|T}DD-{A|E|J|K|M|O|T}-DDD"], band="blue")),
    (1, _s("MK", ["LL*DDDD-LL", "LL DDDD LL"], band="blue")), (1, _s("MNE", ["LL*LLDDD", "LL LL DDD"], band="blue")),
    (1, _s("KOS", ["DD*DDD-LL"], band="blue")), (1, _s("MD", ["LLL DDD", "L LL DDD"], band="blue")),
    (3, _s("UA", ["LLDDDDLL", "LL DDDD LL"], alphabet=CYR + "I", band="ua")),
    (2, _s("UA", ["LL DDDD/LL", "LL/DDDD LL", "LLDDDD/LL"], alphabet=CYR + "I", band="ua", aspect=1.6, h=.36)),
    (3, _s("RUS", ["LDDDLL DD", "LDDDLL DDD", "LDDDLL {77|99|97|177|78|50|199|777}"], alphabet=CYR, band="none", decor="rus", h=.68)),
    (2, _s("RUS", ["LDDD/LL DD", "DDDD/LL DD"], alphabet=CYR, band="none", decor="rus", aspect=1.4, h=.36)),
    (1, _s("BY", ["DDDD LL-D", "DDDD:LL-D"], alphabet=CYR, band="by")), (1, _s("KZ", ["DDDLLL DD", "DDD LLL DD"], band="blue")),
    (1, _s("GE", ["LL-DDD-LL"], band="eu0")), (1, _s("AM", ["DD LL DDD", "DDD LL DD"], band="by")), (1, _s("AZ", ["DD-LL-DDD"], band="by")),
    (3, _s("TR", ["DD LL DDD", "DD LLL DD", "DD LL DDDD", "DD L DDDD", "DD LLL DDD", "{34|06|35|16|07} LL DDDD"], alphabet=NO_IOQ.replace("W", "").replace("X", ""), band="blue")),
    (2, _s("TR", ["DD L/DDDD", "DD/LL DDD", "DD LL/DDDD"], alphabet=NO_IOQ, band="blue", aspect=1.4, h=.36)),
    (1, _s("IS", ["LL DDD", "LLL DD", "LL LDD", "LL*DDD"], fg=[BLUE])),
    (4, _s("GB", ["LLDD LLL"], alphabet=NO_IOQ, bg=[W, Y], band="gb", fonts=("stroke:uk", "stroke:uk", "stroke", "regular"))),
    (2, _s("GB", ["LLDD LLL", "LDDD LLL", "LLL DDDL", "LLL DDL", "LDD LLL", "L DDD", "DDD LLL", "LLL DDDD", "LD LLL", "DD L", "L D", "LLL D", "LLZ DDDD"],
             alphabet=FULL, bg=[W, Y, Y, K], fg=[K, (225, 225, 225)], band="none", decor="dealer", fonts=("stroke:uk", "condensed", "regular", "odd"))),
    (4, _s("GB", ["LLDD/LLL", "LDDD/LLL", "LLL/DDD", "LL/DDDD"], alphabet=NO_IOQ, bg=[W, Y], band="none", aspect=1.35, h=.38, decor="dealer")),
]
