"""162 review sentences written for these tests, with what they speak about and how they feel about it.

A line is `text | term+ term- term0`: each term stands in the text; + praised, - blamed, 0 neither. Ordinary verdicts as well as
negation, turns, comparison, wishes, plain facts, and feelings without a thing (no terms).
"""

HOTELS_ZH = """
房间很大，床也舒服，就是隔音太差 | 房间+ 床+ 隔音-
早餐品种丰富，味道也不错 | 早餐+ 味道+
前台态度冷淡，办理入住等了四十分钟 | 前台-
地理位置优越，出门就是地铁站 | 地理位置+
卫生间有一股霉味，毛巾也不干净 | 卫生间- 毛巾-
服务员非常热情，主动帮我们拿行李 | 服务员+
价格偏高，性价比不如旁边那家 | 价格- 性价比-
空调坏了，打电话也没人来修 | 空调-
酒店大堂装修得很气派 | 大堂+
设施有点陈旧，不过打扫得还算干净 | 设施-
网速慢得要命，根本没法工作 | 网速-
晚上马路上的噪音很大，一夜没睡好 | 噪音-
我们住在五楼的标准间 | 标准间0
早餐不算难吃，但也没什么选择 | 早餐-
交通便利，打车很方便 | 交通+
热水时有时无，洗澡很难受 | 热水-
环境安静，适合休息 | 环境+
服务没有想象中那么差 | 服务+
电梯要等很久 | 电梯-
窗外的海景美极了 | 海景+
非常满意，下次还来 |
不会再来第二次了 |
餐厅的菜又贵又难吃 | 餐厅- 菜-
浴室虽小，但是很干净 | 浴室+
停车场免费，这点很好 | 停车场+
服务态度比去年好多了 | 服务态度+
希望早餐能增加一些水果 | 早餐-
"""
HOTELS_EN = """
The room was spacious and the bed was comfortable | room+ bed+
Breakfast was cold and there was hardly any choice | breakfast-
The staff were friendly and helped us with our luggage | staff+
Great location, five minutes from the station | location+
The bathroom was filthy and the shower did not work | bathroom- shower-
Wifi kept dropping all evening | wifi-
The price is too high for what you get | price-
Lovely view of the harbour from our window | view+
The room was clean, but the walls are paper thin | room+ walls-
Reception took an hour to check us in | reception-
The pool was closed during our stay | pool-
Nice breakfast with plenty of fresh fruit | breakfast+
The air conditioning was so noisy that we could not sleep | air conditioning-
We stayed in a double room on the third floor | room0
The service was not bad at all | service+
The staff could not have been less interested | staff-
The bed was hard, although the pillows were nice | bed- pillows+
Parking is free, which we liked | parking+
Never again |
A wonderful stay, thank you |
The location is poor and the area feels unsafe | location- area-
The breakfast is better than last year | breakfast+
Our room smelled of smoke | room-
The restaurant serves excellent fish | restaurant+
The lift was out of order for two days | lift-
Towels were changed every day and the bathroom was spotless | bathroom+ towels+
I wish the wifi were faster | wifi-
"""
PHONES_ZH = """
屏幕显示清晰，色彩也很鲜艳 | 屏幕+ 色彩+
电池不耐用，一天要充两次 | 电池-
外观时尚，手感也好 | 外观+ 手感+
经常死机，反应速度慢 | 反应速度-
铃声太小，在外面根本听不见 | 铃声-
拍照效果不错，像素比上一代高 | 拍照效果+ 像素+
信号差，在地下室就没有信号 | 信号-
价格便宜，功能齐全 | 价格+ 功能+
按键太硬，发短信很累 | 按键-
音质一般，没有宣传的那么好 | 音质-
待机时间长，出差很放心 | 待机时间+
这个手机是黑色的 |
内存太小，装不了几个软件 | 内存-
做工粗糙，后盖松动 | 做工- 后盖-
系统流畅，玩游戏不卡 | 系统+
耳机质量很差，用了一周就坏了 | 耳机-
售后服务态度恶劣，推来推去 | 售后服务-
充电速度快，半小时就够用一天 | 充电速度+
屏幕容易刮花，但是亮度很高 | 屏幕- 亮度+
摄像头不如以前的那款 | 摄像头-
性价比很高，值得购买 | 性价比+
太失望了，要求退货 |
用了一个月，没有任何问题 |
菜单设计不合理，找个设置要半天 | 菜单-
通话声音清楚 | 声音+
外壳不会留下指纹，这点好 | 外壳+
电池没有以前那个耐用 | 电池-
"""
PHONES_EN = """
The screen is bright and sharp | screen+
Battery life is terrible, I have to charge it twice a day | battery life-
The camera takes great photos even at night | camera+
The speaker sounds tinny and the volume is too low | speaker- volume-
Looks beautiful and the build quality is excellent | build quality+
It freezes all the time and the software is full of bugs | software-
Good price for so many features | price+ features+
The keyboard is too small for my fingers | keyboard-
The signal drops whenever I leave the house | signal-
Charging is fast and the battery lasts two days | charging+ battery+
I bought the black version in May |
The fingerprint sensor never recognises my thumb | fingerprint sensor-
The screen scratches easily, but the colours are gorgeous | screen- colours+
Customer service ignored my emails | customer service-
The phone is light and feels good in the hand | phone+
The camera is not as good as on my old phone | camera-
No complaints about the battery | battery+
The headphones that come with it broke within a week | headphones-
Absolutely love it |
Waste of money |
The memory is far too small for photos | memory-
The display is not bad for the price | display+
The buttons are loose | buttons-
The interface is simple and easy to learn | interface+
The sound is crystal clear during calls | sound+
The case looks cheap | case-
I wish the screen were larger | screen-
"""
GAMES_ZH = """
画面精美，音乐也很好听 | 画面+ 音乐+
剧情老套，结局让人失望 | 剧情- 结局-
优化太差，经常闪退 | 优化-
操作手感很好，打击感十足 | 操作手感+ 打击感+
服务器天天掉线，根本没法玩 | 服务器-
价格太贵，内容却很少 | 价格- 内容-
关卡设计很有创意 | 关卡+
多人模式非常好玩，和朋友一起很开心 | 多人模式+
外挂太多，官方也不管 | 外挂-
角色刻画得很生动 | 角色+
武器种类丰富，但是平衡性很差 | 武器+ 平衡性-
我玩了大概三十个小时 |
翻译质量很糟糕，很多地方看不懂 | 翻译-
画面虽然不如别的游戏，但是玩法很有趣 | 画面- 玩法+
教程太长，而且不能跳过 | 教程-
配音很专业 | 配音+
加载时间短，运行流畅 | 加载时间+
剧情没有想象中那么无聊 | 剧情+
难度太高，新手很难坚持下去 | 难度-
更新很勤快，每个月都有新内容 | 更新+
强烈推荐 |
浪费时间，已经退款 |
存档经常丢失，气死我了 | 存档-
音效单调，听久了很烦 | 音效-
地图很大，探索起来很有意思 | 地图+
界面简洁，上手很快 | 界面+
操作复杂，手柄也不支持 | 操作- 手柄-
"""
GAMES_EN = """
The graphics are stunning and the soundtrack is amazing | graphics+ soundtrack+
The story is boring and the ending makes no sense | story- ending-
Servers are down every weekend | servers-
Combat feels great, but the controls are clunky | combat+ controls-
Too many bugs and it crashes on startup | bugs-
Great multiplayer with friends | multiplayer+
The price is way too high for so little content | price- content-
The community is toxic | community-
The characters are well written and funny | characters+
Level design is brilliant | level design+
The tutorial is too long and cannot be skipped | tutorial-
Gameplay gets repetitive after an hour | gameplay-
I played it for thirty hours on my old computer |
The devs keep releasing free updates | devs+ updates+
The graphics are dated, but the gameplay is addictive | graphics- gameplay+
Matchmaking takes forever | matchmaking-
The weapons are fun to use | weapons+
The music is not bad either | music+
Hackers ruin every match | hackers-
The map is huge and beautiful | map+
Highly recommended |
Worst purchase I ever made |
The voice acting is terrible | voice acting-
The puzzles are clever and never unfair | puzzles+
The controls could hardly be better | controls+
The campaign is far too short | campaign-
Lag makes online play impossible | lag-
"""
SETS = {
    ("hotels", "zh"): HOTELS_ZH,
    ("hotels", "en"): HOTELS_EN,
    ("phones", "zh"): PHONES_ZH,
    ("phones", "en"): PHONES_EN,
    ("games", "zh"): GAMES_ZH,
    ("games", "en"): GAMES_EN,
}
SIGNS = {"+": "positive", "-": "negative", "0": "neutral"}


def labelled(lines: str) -> tuple[list[str], list[dict[str, str]]]:
    """Texts, and for each its terms with their polarities."""
    texts, terms = [], []
    for line in lines.strip().splitlines():
        text, _, told = line.partition("|")
        texts.append(text.strip())
        terms.append(_terms(told))
    return texts, terms


def _terms(told: str) -> dict[str, str]:
    terms, words = {}, []
    for word in told.split():
        words.append(word)
        if word[-1] in SIGNS:
            terms[" ".join(words)[:-1]] = SIGNS[word[-1]]
            words = []
    return terms
