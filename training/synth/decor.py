"""What surrounds the characters, region by region: strips, names, slogans, stickers, borders.

`decorate(img, style, rng, fg)` paints it and returns the free area (x0, y0, x1, y1) in pixels for the characters."""
import math

import cv2

from . import draw, fonts

STATES = """Alabama;Alaska;Arizona;Arkansas;California;Colorado;Connecticut;Delaware;Florida;Georgia;Hawaii;Idaho;Illinois;Indiana;Iowa;Kansas;
Kentucky;Louisiana;Maine;Maryland;Massachusetts;Michigan;Minnesota;Mississippi;Missouri;Montana;Nebraska;Nevada;New Hampshire;New Jersey;New Mexico;
New York;North Carolina;North Dakota;Ohio;Oklahoma;Oregon;Pennsylvania;Rhode Island;South Carolina;South Dakota;Tennessee;Texas;Utah;Vermont;Virginia;
Washington;West Virginia;Wisconsin;Wyoming;Ontario;Alberta;Manitoba;Saskatchewan;British Columbia;Nova Scotia;Quebec;New Brunswick;Yukon;Jalisco;
Chihuahua;Sonora;Baja California;Nuevo Leon;Puerto Rico;Lagos;Philippines""".replace("\n", "").split(";")
SLOGANS = """GARDEN STATE;EMPIRE STATE;EXCELSIOR;Sunshine State;Grand Canyon State;Evergreen State;Land of Lincoln;LIVE FREE OR DIE;First in Flight;
The Lone Star State;Aloha State;Famous Potatoes;America's Dairyland;10,000 lakes;Sportsman's Paradise;Peach State;Vacationland;The Spirit of America;
Ocean State;Land of Enchantment;Big Sky Country;Show-Me State;Heart of Dixie;Great Lakes;Yours to Discover;Je me souviens;Beautiful;Wild Rose Country;
T&LC;TAXI;COMMERCIAL;VETERAN;PASSENGER;APPORTIONED;dmv.ca.gov;MYFLORIDA.COM;visitPA.com;IN GOD WE TRUST;PINELLAS;WAYNE;DISABLED;UNIVERSITY;
CONSERVATION;PROTECT OUR COAST;Invest in Education;Arts;GO GREEN;THE FIRST STATE;CENTROAMERICA;COMMUNITY;STATE OF THE ARTS""".replace("\n", "").split(";")
DEALERS = """TOYOTA OF BERKELEY;www.autohaus.de;AUTO GALERIE;Honda of Princeton;PARAGON;CITY MOTORS;www.carworld.com;Autohaus Mueller;BMW of Germany;
MASERATI;ELITE AUTO MALL INC;STAMFORD FORD;ALUMNI;MY OTHER CAR;VW ZENTRUM;Garage Dupont;Concesionario Oficial;Automobile Schmidt GmbH;0800 123 456;
212-555-0199;route 35;HARLEY;RENAULT;SKODA;autospot.com;Image Auto Group;WHITE PLAINS;I LOVE MY DOG;LAND ROVER;KIA;MERCEDES-BENZ;auto.ro;OLX;Hyundai""".replace("\n", "").split(";")
BR_TOWNS = "PR-CURITIBA;PR-PARANAGUA;SP-SAO PAULO;RJ-RIO DE JANEIRO;SC-JOINVILLE;MG-BELO HORIZONTE;RS-PORTO ALEGRE;BA-SALVADOR;GO-GOIANIA;BRASIL".split(";")
COUNTRIES = {"AR": "REPUBLICA ARGENTINA", "UY": "URUGUAY", "PY": "REPUBLICA DEL PARAGUAY", "BR": "BRASIL"}
LATAM = "CHILE;COLOMBIA;BOGOTA D.C.;MEDELLIN;CALI;PERU;ECUADOR;VENEZUELA;BOLIVIA;COSTA RICA;CENTROAMERICA;PANAMA;GUATEMALA;HONDURAS;EL SALVADOR;CUNDINAMARCA;ISLAMABAD;PUNJAB;SINDH;ARGENTINA;PRIVADO".split(";")
AU = "NSW;VICTORIA - THE EDUCATION STATE;QUEENSLAND - SUNSHINE STATE;WESTERN AUSTRALIA;SOUTH AUSTRALIA;TASMANIA;NEW SOUTH WALES;NT OUTBACK AUSTRALIA;CANBERRA - THE NATION'S CAPITAL;VIC - STAY ALERT STAY ALIVE".split(";")
GULF = {"AE": ["DUBAI", "U.A.E", "AD", "SHJ", "R.A.K", "AJMAN"], "QA": ["QATAR"], "OM": ["OMAN"], "KW": ["KUWAIT"], "SA": ["KSA"]}
ARABIC = ["دبي", "الامارات", "السعودية", "قطر", "عمان", "الكويت", "مصر", "ا ب ح", "٣ ٤ ٥ ٦", "٩ ١ ٢", "ر و ن"]


def _band(img, x0, x1, kind, letters, rng):
    """A coloured strip from x0 to x1: EU ring of stars with letters, or a flag over letters."""
    h = img.shape[0]
    w = x1 - x0
    eu = kind.startswith("eu")
    if kind == "by" or kind == "ua" or kind == "nor" or kind == "gb" or kind == "ind" or kind == "blue":
        blue = draw.jitter((25, 70, 160), rng)
    else:
        blue = draw.jitter((15, 45, 150), rng)
    if kind == "gb" and rng.random() < .4:
        blue = draw.jitter((20, 120, 60), rng)
    if rng.random() < .15:      # faded by the sun, or as infra-red shows it
        grey, k = rng.randint(20, 200), rng.uniform(.3, 1)
        blue = tuple(int(grey * k + c * (1 - k)) for c in blue)
    cv2.rectangle(img, (int(x0), 0), (int(x1), h), blue, -1)
    cx, cy, r = (x0 + x1) / 2, h * .3, w * .3
    if eu or kind == "gb" and rng.random() < .5:
        c = (240, 210, 40)
        if rng.random() < .9:
            for i in range(12):
                a = i * math.pi / 6
                cv2.circle(img, (int((cx + r * math.cos(a)) * 8), int((cy + r * math.sin(a)) * 8)), max(4, int(w * .5)), c, -1, cv2.LINE_AA, 3)
    elif kind in ("ua", "by", "nor", "gb"):
        draw.emblem(img, cx, cy, w * .8, h * .3, rng)
    elif kind == "ind":
        cv2.circle(img, (int(cx), int(cy)), max(1, int(w * .3)), (200, 200, 210), 1, cv2.LINE_AA)
    t = letters if kind != "nor" else "N"
    if kind == "ind":
        t = "IND"
    if kind == "gb":
        t = rng.choice(["GB", "UK", "GB", "ENG", "SCO"])
    draw.small_text(img, t, cx, h * .76, min(h * .26, w * .75 / max(1, len(t)) * 1.6), (240, 240, 240), rng,
                    path=rng.choice(fonts.small_fonts()[:6]), max_width=w * .85)


def bands(img, style, rng):
    """Strips at the sides; returns the free range (x0, x1)."""
    h, w = img.shape[:2]
    kind = style["band"]
    bw = min(w * .16, h * rng.uniform(.34, .46) if w > 2.6 * h else w * rng.uniform(.1, .15))
    if kind == "none" or (kind == "eu0" and rng.random() < .4) or (kind == "ind" and rng.random() < .55) or rng.random() < .04:
        return 0, w
    tall = w < 2.6 * h
    if tall and rng.random() < .5:      # two-row plates carry a short strip in the upper corner
        top = img[:h // 2]
        _band(top, 0, bw, kind, style["letters"], rng)
        return bw, w
    _band(img, 0, bw, kind, style["letters"], rng)
    if kind == "eu2" and rng.random() < .9:
        cv2.rectangle(img, (int(w - bw), 0), (w, h), draw.jitter((15, 45, 150), rng), -1)
        draw.small_text(img, rng.choice("75 13 69 2B MI RM 59 TO 33 31".split()), w - bw / 2, h * .75, h * .18, (240, 240, 240), rng, max_width=bw * .8)
        if rng.random() < .6:
            draw.emblem(img, w - bw / 2, h * .3, bw * .7, h * .3, rng)
        return bw, w - bw
    return bw, w


def border(img, style, rng, fg):
    """An embossed or printed rim."""
    h, w = img.shape[:2]
    if rng.random() < .35:
        return
    c = {"green": (20, 90, 60), "red": (190, 40, 40)}.get(style.get("border"), fg if rng.random() < .6 else draw.random_colour(rng, 20, 230))
    t = max(1, int(h * rng.uniform(.012, .035)))
    i = int(h * rng.uniform(.0, .05))
    cv2.rectangle(img, (i, i), (w - 1 - i, h - 1 - i), c, t, cv2.LINE_AA)


def us(img, style, rng, fg):
    """State above, slogan below, stickers in the corners, scenery behind."""
    h, w = img.shape[:2]
    if rng.random() < .6:
        draw.graphic_background(img, fg, rng)
    small = fg if rng.random() < .5 else (draw.random_colour(rng, 0, 110) if sum(fg) < 400 else draw.random_colour(rng, 170, 255))
    if rng.random() < .25:      # bars above and below
        c = draw.random_colour(rng, 0, 230)
        cv2.rectangle(img, (0, 0), (w, int(h * rng.uniform(.17, .25))), c, -1)
        small = (250, 250, 250) if sum(c) < 400 else (20, 20, 50)
        if rng.random() < .6:
            cv2.rectangle(img, (0, int(h * rng.uniform(.8, .85))), (w, h), c if rng.random() < .5 else draw.random_colour(rng), -1)
    name = rng.choice(STATES)
    name = name.upper() if rng.random() < .6 else name
    if rng.random() < .93:
        draw.small_text(img, name, w * rng.uniform(.4, .6), h * rng.uniform(.09, .15), h * rng.uniform(.11, .19), small, rng, max_width=w * .7)
    if rng.random() < .85:
        t = rng.choice(SLOGANS + STATES)
        draw.small_text(img, t.upper() if rng.random() < .4 else t, w * rng.uniform(.4, .6), h * rng.uniform(.86, .92), h * rng.uniform(.06, .14), small, rng,
                        max_width=w * .75)
    for fx, fy in ((.02, .03), (.82, .03), (.02, .78), (.82, .78)):
        if rng.random() < .33:
            draw.sticker(img, w * fx, h * fy, w * rng.uniform(.09, .16), h * rng.uniform(.12, .19), rng)
    x0, x1 = w * .04, w * .96
    if rng.random() < .2:       # organisation's logo
        e = h * rng.uniform(.3, .5)
        draw.emblem(img, e * .62, h * .52, e, e * rng.uniform(.8, 1.2), rng)
        x0 = e * 1.2
    if rng.random() < .13:      # small stacked letters, not part of the text
        n, s = rng.choice([2, 2, 3]), h * rng.uniform(.17, .24)
        x = x0 + s * .4 if rng.random() < .7 else x1 - s * .4
        p = rng.choice(fonts.small_fonts()[:9])
        for i in range(n):
            draw.small_text(img, rng.choice("ABCDEFGHKLMNOPRSTUVWXY"), x, h * .52 + (i - (n - 1) / 2) * s * 1.08, s, fg, rng, path=p)
        x0, x1 = (x0 + s * .95, x1) if x < w / 2 else (x0, x1 - s * .95)
    return x0, h * rng.uniform(.2, .24), x1, h * rng.uniform(.78, .84)


def top_bottom(img, rng, top, bottom, colour, top_h=.13, bottom_h=.1):
    """One line above and one below (either may be None); free area between."""
    h, w = img.shape[:2]
    y0, y1 = h * .06, h * .94
    if top:
        draw.small_text(img, top, w / 2, h * (.05 + top_h / 2), h * top_h * .8, colour, rng, path=rng.choice(fonts.small_fonts()[:6]), max_width=w * .85)
        y0 = h * (.08 + top_h)
    if bottom:
        draw.small_text(img, bottom, w / 2, h * (.95 - bottom_h / 2), h * bottom_h * .8, colour, rng, path=rng.choice(fonts.small_fonts()[:6]), max_width=w * .85)
        y1 = h * (.92 - bottom_h)
    return w * .03, y0, w * .97, y1


def gulf(img, style, rng, fg, two):
    """Latin and Arabic names beside or below the number."""
    h, w = img.shape[:2]
    en, ar = rng.choice(GULF.get(style["region"], ["U.A.E"])), rng.choice(ARABIC)
    p = fonts.script_font("arabic")
    if two:
        y = h * .8 if rng.random() < .6 else h * .18
        draw.small_text(img, en, w * .27, y, h * .17, fg, rng, path=rng.choice(fonts.small_fonts()[:6]))
        if p:
            draw.small_text(img, ar, w * .7, y, h * .2, fg, rng, path=p)
        return (w * .04, h * .05, w * .96, h * .66) if y > h / 2 else (w * .04, h * .32, w * .96, h * .95)
    s = rng.uniform(.14, .24) * w
    x = s / 2 if rng.random() < .5 else w - s / 2
    c = rng.choice([fg, (170, 20, 30), fg])
    if p:
        draw.small_text(img, ar, x, h * .3, h * .22, c, rng, path=p, max_width=s * .9)
    draw.small_text(img, en, x, h * .72, h * .2, c, rng, path=rng.choice(fonts.small_fonts()[:6]), max_width=s * .9)
    return (s, h * .04, w * .98, h * .96) if x < w / 2 else (w * .02, h * .04, w - s, h * .96)


def decorate(img, style, rng, fg):
    """Paint everything but the characters; returns their free area."""
    h, w = img.shape[:2]
    d = style["decor"]
    if d == "us":
        return us(img, style, rng, fg)
    x0, x1 = bands(img, style, rng)
    area = (x0 + w * .015, h * .04, x1 - w * .015, h * .96)
    if d == "at":
        for y in (.04, .96):
            cv2.line(img, (0, int(h * y)), (w, int(h * y)), (180, 30, 40), max(1, int(h * .05)))
    elif d == "irl":
        draw.small_text(img, rng.choice(["BAILE ATHA CLIATH", "CORCAIGH", "LUIMNEACH", "GAILLIMH"]), (x0 + x1) / 2, h * .1, h * .11, fg, rng)
        area = (area[0], h * .2, area[2], h * .96)
    elif d == "br":
        draw.small_text(img, rng.choice(BR_TOWNS), w / 2, h * .13, h * .12, fg, rng, path=rng.choice(fonts.small_fonts()[:6]), max_width=w * .6)
        area = (w * .04, h * .22, w * .96, h * .97)
    elif d == "mercosur":
        cv2.rectangle(img, (0, 0), (w, int(h * .24)), draw.jitter((20, 60, 150), rng), -1)
        draw.small_text(img, COUNTRIES.get(style["region"], "BRASIL"), w / 2, h * .12, h * .14, (245, 245, 245), rng, path=rng.choice(fonts.small_fonts()[:4]), max_width=w * .7)
        draw.emblem(img, w * .93, h * .12, h * .2, h * .16, rng)
        if style["region"] == "BR" and rng.random() < .7:
            draw.small_text(img, "BR", w * .05, h * .82, h * .13, (20, 20, 20), rng)
            area = (w * .08, h * .26, w * .97, h * .97)
        else:
            area = (w * .03, h * .26, w * .97, h * .97)
    elif d == "latam":
        area = top_bottom(img, rng, rng.choice(LATAM) if rng.random() < .7 else None, rng.choice(LATAM) if rng.random() < .6 else None, fg, .15, .14)
    elif d == "au":
        if rng.random() < .5:
            area = top_bottom(img, rng, rng.choice(AU) if rng.random() < .4 else None, rng.choice(AU), fg, .14, .14)
    elif d in ("gulf", "gulf2"):
        area = gulf(img, style, rng, fg, d == "gulf2")
    elif d == "arabic_top":
        p = fonts.script_font("arabic")
        if p:
            draw.small_text(img, rng.choice(ARABIC), w * .3, h * .25, h * .3, fg, rng, path=p)
            draw.small_text(img, rng.choice(ARABIC), w * .72, h * .25, h * .3, fg, rng, path=p)
        area = (w * .03, h * .46, w * .97, h * .98)
    elif d == "id":
        draw.small_text(img, "%02d.%02d" % (rng.randint(1, 12), rng.randint(20, 29)), w / 2, h * .85, h * .15, fg, rng)
        area = (w * .03, h * .1, w * .97, h * .76)
    elif d == "rus" and w > 3 * h:
        cv2.line(img, (int(w * .765), 0), (int(w * .765), h), fg, 1)
        draw.small_text(img, "RUS", w * .87, h * .84, h * .16, fg, rng)
    elif d == "dealer" and rng.random() < .5:
        draw.small_text(img, rng.choice(DEALERS), w / 2, h * .94, h * .09, fg, rng, max_width=w * .6)
        area = (area[0], h * .03, area[2], h * .9)
    if d == "eu" and rng.random() < .12:
        draw.sticker(img, x1 - h * .35, h * rng.uniform(.05, .6), h * .25, h * .25, rng)
    return area
