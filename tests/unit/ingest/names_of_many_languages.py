"""Invented names in many languages, written in each encoding that people there have used."""

import random

NAMES = {
    "de": "Müller,Jürgen;Schröder,Käthe;Weiß,Jörg;Bäcker,Günther;Köhler,Süße;Groß,Änne",
    "fr": "Lefèvre,François;Bézier,Hélène;Dupré,Noël;Gaëtan,Zoé;Crêpeau,Benoît;Façade,Aïcha",
    "es": "Núñez,José;Muñoz,Inés;García,Ángel;Peña,Belén;Ibáñez,Mónica;Gómez,Iñigo",
    "pt": "Gonçalves,João;Conceição,Inês;Simões,António;Araújo,Mônica;Leão,Sebastião",
    "it": "Nicolò,Forlì;Cantù,Papà;Libertà,Così;Virtù,Perché;Città,Più",
    "sv": "Ångström,Åsa;Sjöberg,Göran;Lindström,Märta;Hägg,Björn;Öberg,Pär",
    "da": "Sørensen,Bjørn;Ægidius,Åse;Jørgensen,Søren;Kjær,Mære;Nørgård,Jæger",
    "is": "Þórðarson,Jón;Guðmundsdóttir,Sigríður;Ægisson,Örn;Björnsdóttir,Þóra",
    "fi": "Hämäläinen,Päivi;Mäkelä,Jyrki;Väisänen,Äijä;Järvinen,Töpö",
    "pl": "Łukasz,Żółć;Świątek,Ignacy;Wójcik,Zdzisław;Źrebię,Ćma;Gąsior,Paweł",
    "cs": "Novák,Jiří;Dvořák,Tomáš;Říha,Zdeněk;Šťastný,Ondřej;Černý,Václav;Žižka,Luděk",
    "sk": "Kováč,Ján;Žiška,Ľubomír;Šťavnatý,Dušan;Ďurica,Ľuboš",
    "hu": "Szőke,Győző;Kovács,Árpád;Tóth,Őrs;Fűzfa,Gyöngyi;Hűvös,Lajos",
    "hr": "Đorđević,Željko;Šimić,Čedo;Krčmar,Ljiljana;Ćosić,Đuro",
    "tr": "Yılmaz,Şükrü;Çağlar,İbrahim;Öztürk,Gökçe;Işık,Uğur;Güneş,Ayşe",
    "ru": "Иванов,Пётр;Смирнова,Анна;Кузнецов,Олег;Попов,Ольга;Соколов,Дмитрий",
    "uk": "Шевченко,Тарас;Їжакевич,Євген;Коваленко,Ірина;Бондаренко,Олександр",
    "el": "Παπαδόπουλος,Γιώργος;Νικολάου,Ελένη;Οικονόμου,Δημήτρης;Γεωργίου,Άννα",
    "he": "כהן,משה;לוי,דוד;מזרחי,שרה;פרץ,רחל;ביטון,יעקב",
    "ar": "محمد,علي;أحمد,فاطمة;الخطيب,حسن;يوسف,خديجة",
    "lt": "Šimkus,Žydrūnas;Kazlauskienė,Jūratė;Žukauskas,Ąžuolas;Petrauskas,Rūta",
    "lv": "Bērziņš,Jānis;Kalniņa,Ilze;Ozoliņš,Pēteris;Krūmiņš,Guntis",
    "et": "Tõnisson,Jüri;Õunapuu,Mõmmi;Pärn,Üllar;Kõiv,Külli",
    "ja": "山田,太郎;佐藤,花子;鈴木,一郎;高橋,美咲;渡辺,さくら",
    "zh": "王,小明;李,伟强;张,丽娟;刘,海涛",
    "zt": "陳,大文;林,美玲;黃,志偉;張,惠君",
    "ko": "김,민수;이,영희;박,지훈;최,수정",
}
WEST = ("cp1252", "latin-1", "iso8859-15", "cp850", "mac-roman")
CENTRE = ("cp1250", "iso8859-2", "cp852", "mac-latin2")
CYRILLIC = ("cp1251", "koi8-r", "iso8859-5", "cp866", "mac-cyrillic")
ENCODINGS = {
    **dict.fromkeys(["de", "fr", "es", "pt", "it", "sv", "da", "is", "fi"], WEST),
    **dict.fromkeys(["pl", "cs", "sk", "hu", "hr"], CENTRE),
    **dict.fromkeys(["lt", "lv", "et"], ("cp1257", "iso8859-13", "cp775")),
    "tr": ("cp1254", "iso8859-9", "cp857", "mac-turkish"),
    "ru": CYRILLIC,
    "uk": ("cp1251", "koi8-u", "mac-cyrillic"),
    "el": ("cp1253", "iso8859-7", "cp737"),
    "he": ("cp1255", "iso8859-8", "cp862"),
    "ar": ("cp1256", "iso8859-6"),
    "ja": ("shift_jis", "euc_jp", "iso2022_jp"),
    "zh": ("gb18030", "gbk"),
    "zt": ("big5",),
    "ko": ("euc_kr", "cp949"),
}
ALWAYS = ("utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32")
PLAIN = ("Norsen, Holo", "Fenwick, Ann", "Quinley, Bo", "Hall, Amy")
#: (rows with such names, plain rows between them)
SIZES = ((2, 0), (6, 0), (6, 30), (1, 100))


def text_of(language: str, named: int, plain: int) -> str:
    """A file of providers with so many names of a language among plain ones."""
    chance = random.Random(f"{language}{named}{plain}")
    names = NAMES[language].replace(",", ", ").split(";")
    rows = [names[at % len(names)] for at in range(named)]
    rows += [chance.choice(PLAIN) for _ in range(plain)]
    chance.shuffle(rows)
    numbered = (
        f'"{name}",{chance.randint(10**9, 3 * 10**9 - 1)},{chance.randint(10**8, 10**9 - 1)}\n'
        for name in rows
    )
    return "provider_name,npi,zip\n" + "".join(numbered)


def corpus() -> list[tuple[str, str, str, bytes]]:
    """(language, encoding, text, bytes) of every file that the encoding can write."""
    found = []
    for language in NAMES:
        for encoding in (*ENCODINGS[language], *ALWAYS):
            for size in SIZES:
                text = text_of(language, *size)
                try:
                    found.append((language, encoding, text, text.encode(encoding)))
                except UnicodeEncodeError:
                    continue
    return found
