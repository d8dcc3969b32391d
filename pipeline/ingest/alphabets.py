"""The letters that each language writes with, and the characters of names in East Asia."""

#: Letters beyond ASCII of each language, the commonest first.
LATIN = {
    "Spanish": "ñóéíáúü",
    "French": "éèçêëïôàâîûùœÿ",
    "German": "üöäßé",
    "Portuguese": "ãçáéíóêâõúàôñ",
    "Italian": "òàèùìé",
    "Catalan": "àèéíòóúçïü",
    "Swedish": "öäåé",
    "Finnish": "äöåšž",
    "Danish": "øæåéöäü",
    "Icelandic": "óíáúéðöæþý",
    "Dutch": "ëïéèöü",
    "Faroese": "øíáðúóæý",
    "Albanian": "ëç",
    "Welsh": "ŵâêŷôîûïáéëö",
    "Irish": "áíéúó",
    "Maltese": "żħġċàèòùì",
    "Esperanto": "ĉĝŝŭĵĥ",
    "Polish": "łóńśąężćź",
    "Czech": "áíéřčšýžěůúďňťó",
    "Slovak": "áíčéýšžľúťňäôďóŕĺ",
    "Hungarian": "áéóöíőüúű",
    "Romanian": "ăţşțșâî",
    "Croatian": "ćšžčđ",
    "Turkish": "ıüşöçğâiİ",
    "Lithuanian": "šėžųčūįąę",
    "Latvian": "āīšēņļžčķūģŗ",
    "Hawaiian": "āōūēī",
    "Estonian": "õäüöšž",
    "Vietnamese": "ễàầăđêôơưâáạảãèéẹẻẽìíịỉĩòóọỏõùúụủũỳýỵỷỹấậẩẫếệểềồốộổỗờớợởỡừứựửữằắặẳẵ",
}
#: Whole alphabets, the commonest first.
WHOLE = {
    "Russian": "оаеинрвлктсмдпуяыбгчйзшьхжюцщэфёъ",
    "Ukrainian": "оаниекврітлсмудпбгзчйяьшхцюжїєщфґ",
    "Bulgarian": "аоеинтрвлсдкмпубгяцчзщжхйшюфъь",
    "Serbian": "аиоевнрјкслтмћдпубгчзжшхцљњђфџ",
    "Kazakh": "аеынтлсріқдмбуғкөйзоүжшгпңәұихявфюцёъьэщчһ",
    "Greek": "αοςιονετςρπσυκλμηγδθχβφζξψωάόίέήύώϊϋΐΰ",
    "Hebrew": "ילוהמרנבאשכתדחקפעגצםןזטסךףץ",
    "Thai": "านรอกเงมยลวดทสตะปบคหแจพชขใไโผซธถภฉฟฝญฐณศษฮฆำฑฒฎฏฌฬฤ",
    "Arabic": "اليمنردبوعسحفهتقكشخةطجصزأىغضثذظإءئؤآ",
}
TOGETHER = {
    "Western European": ("Spanish", "French", "German", "Portuguese", "Italian", "Swedish"),
    "Nordic": ("Swedish", "Danish", "Icelandic", "Faroese"),
    "Central European": ("Polish", "Czech", "Slovak", "Hungarian", "Croatian", "Romanian"),
    "Baltic": ("Lithuanian", "Latvian", "Estonian", "Polish"),
}
#: Characters that are common in names of people, places and companies; any two bytes make some
#: character, and rarely one of these.
IN_NAMES = {
    "Chinese": (
        "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶程苏"
        "魏吕丁任沈姚卢姜崔钟谭陆汪范金石廖贾夏韦付方白邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵"
        "万钱严覃武戴莫孔向汤伟芳娜秀英敏静丽强磊军洋勇艳杰娟涛超霞平刚桂小文明华建国红玉春梅海婷雪"
        "慧欣宇志辉鹏俊飞凤兰云珍成东新永福生一大中人民市省县区州街路医院公司有限科技学语群岛南北西"
        "亚尔斯利巴拉克特罗尼加里达哥德萨非洲月的和阿比多瓦卡布基维塔洛纳"
    ),
    "Chinese (Taiwan)": (
        "陳林黃張李王吳劉蔡楊許鄭謝郭洪曾邱廖賴周徐蘇葉莊呂江何蕭羅高潘簡朱鍾彭游詹胡施沈余趙盧梁顏柯"
        "翁魏孫戴范方宋鄧杜傅侯曹溫薛丁馬蔣唐卓藍馮姚石董紀歐程連古汪湯姜田康鄒白志明俊傑建宏家豪淑芬"
        "美惠雅婷怡君麗玉秀英華文國大小中市縣區鄉鎮街路醫院公司股份有限科技語群島南北東西亞爾斯利巴拉克"
        "特羅尼加里達哥德薩非洲月的和阿比多瓦卡布基維塔洛納偉強玲雪慧欣宇輝鵬"
    ),
    "Japanese": (
        "山田中本村川井藤木佐加小林高橋野大口原石上松下島崎岡谷池清水長内西東北南前渡辺伊斎吉森阿部"
        "橘青三一二郎太子美花恵香織奈由紀真理明雄正和夫浩健翔陽菜咲桜優愛幸弘宏介輔哉人也平次助彦裕"
        "智直樹久保金今千葉宮市区町村県府都道州病院株式会社有限語島諸国人民新古河福沢後近遠安秋春夏冬"
    ),
    "Korean": (
        "김이박최정강조윤장임한오서신권황안송류유전홍고문양손배백허남심노하곽성차주우구민진지나엄원천방"
        "공현함변염석선설마길연위표명기반왕금옥육인맹제모탁국여어은편용희훈경숙미자순영수철호준아동태재"
        "상규식라병원주식회사시군구로면도리스어트르드카사크타바니가다노부"
    ),
}
#: Language -> its national encoding and the first bytes of the characters that are common there.
IDEOGRAPHS = {
    "Chinese": ("gb2312", 0xB0, 0xD7),
    "Chinese (Taiwan)": ("big5", 0xA4, 0xC6),
    "Japanese": ("euc_jp", 0xB0, 0xCF),
    "Korean": ("euc_kr", 0xB0, 0xC8),
}
