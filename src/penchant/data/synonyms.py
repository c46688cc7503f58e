"""What other people call the columns and kinds that `records.words` names. Best synonym first."""


def _words(text: str) -> list[str]:
    return text.split()


USER_ID = _words(
    "userid user uid reviewerid memberid member customerid customer visitorid visitor clientid client accountid "
    "account buyerid buyer personid person authorid username 用户id 用户 用户编号 会员id 会员 买家id 买家 顾客"
)
ITEM_ID = _words(
    "itemid item iid movieid movie asin parentasin productid product skuid sku goodsid songid trackid artistid albumid "
    "bookid isbn newsid articleid videoid gameid appid poiid venueid placeid hotelid businessid contentid docid "
    "商品id 商品 商品编号 物品id 物品 电影id 电影 图书id 酒店id 视频id 新闻id 歌曲id id"
)
RATINGS = _words("value rating ratings stars star score overall rate grade 评分 打分 星级 分数")
QUANTITIES = _words("weight playcount plays hours seconds duration dwelltime watchtime 时长 次数")
DOMAIN = _words("domain 领域")

EVENT_SYNONYMS: dict[str, list[str]] = {
    "user_id": USER_ID,
    "item_id": ITEM_ID,
    "timestamp": _words(
        "timestamp unixreviewtime unixtime epoch time datetime ts eventtime createdat date reviewtime seq sequence "
        "step 时间戳 时间 日期 评论时间 评分时间 行为时间"
    ),
    "kind": _words(
        "kind eventtype event actiontype action behaviortype behaviourtype behavior behaviour interactiontype "
        "行为类型 行为 事件类型 事件 动作"
    ),
    "value": RATINGS + QUANTITIES,
    "text": _words(
        "text reviewtext review reviewbody comment comments query searchquery tip 评论 评论内容 评价 搜索词"
    ),
    "domain": DOMAIN,
    "position": _words("position slot 位置 展示位置 曝光位置"),
    "propensity": _words("propensity showprobability loggingprobability 倾向分 倾向得分 展示概率 曝光概率"),
    "context": ["context"],
}
ITEM_SYNONYMS: dict[str, list[str]] = {
    "item_id": ITEM_ID,
    "domain": DOMAIN,
    "title": _words(
        "title name movietitle itemtitle itemname producttitle productname songname bookname headline "
        "标题 名称 片名 书名 商品名称 商品名 电影名 酒店名称"
    ),
    "description": _words(
        "description overview plot abstract synopsis desc summary 描述 简介 介绍 商品描述 剧情简介 详情"
    ),
    "tags": _words("tags tag genres genre categories category class classes 标签 类型 类别 分类"),
    "attributes": ["attributes"],
    "image": _words("image imageurl img imgurl poster posterurl cover coverurl picture 图片 封面 海报"),
    "audio": _words("audio audiourl previewurl 音频"),
    "created_at": _words("createdat createtime publishedat publishtime uploadtime 发布时间 上架时间"),
}
USER_SYNONYMS: dict[str, list[str]] = {
    "user_id": [*USER_ID, "id"],
    "attributes": ["attributes"],
    "profile": _words("profile bio about introduction 个人简介 简介"),
}
SYNONYMS = {"events": EVENT_SYNONYMS, "items": ITEM_SYNONYMS, "users": USER_SYNONYMS}

KIND_SYNONYMS = {
    "rating": "rate",
    "rated": "rate",
    "评分": "rate",
    "评论": "review",
    "buy": "purchase",
    "order": "purchase",
    "transaction": "purchase",
    "购买": "purchase",
    "pv": "view",
    "浏览": "view",
    "点击": "click",
    "播放": "play",
    "搜索": "search",
    "曝光": "impression",
    "展示": "impression",
    "收藏": "like",
    "喜欢": "like",
    "分享": "share",
}

SPLIT = _words("split subset partition part datasplit foldname 划分 数据集划分")
"""A ready-made split: no word of the tables, but told apart from what is not used."""
QUANTITY_MARKS = _words(
    "count num qty quantity amount price cost age level floor position slot rank index day week month hour minute "
    "duration time size weight height page size step seq order votes helpful images stock 数量 次数 价格 金额 年龄 等级 库存"
)
"""What the name of a column holds that counts or measures something, whatever its values look like: no rating, no id."""
FUTURE = frozenset(
    _words(
        "rating ratings averagerating avgrating ratingavg meanrating ratingmean ratingaverage ratingcount ratingscount "
        "ratingnumber numratings numrating numberofratings stars averagestars score doubanscore reviewcount numreviews "
        "numberofreviews reviews helpful helpfulvote voteaverage votecount votes doubanvotes popularity rank salesrank "
        "salerank salesrankings bestsellersrank alsobuy alsobought alsoview alsoviewed boughttogether buyafterviewing "
        "buyaftervieweditems related relateditems similar similaritem similaritems sales salescount soldcount playcount "
        "viewcount downloadcount downloads likecount likes listeners checkins "
        "平均评分 评分 评分人数 评论数 销量 月销量 好评率 收藏数 播放量 点赞数 浏览量 热度"
    )
)
"""Columns of items that sum up what people did at all times, and so know what they did after any moment (`infer.plain` names)."""
PEOPLE_DID = _words(
    "rating review vote like sales sold bought view click download popular rank score stars helpful plays playcount listen "
    "checkin stock inventory 评分 评论 评价 销量 销售 已售 月销 好评 收藏 播放 点赞 浏览 热度 下载 排名 库存"
)
"""Parts of names of columns that sum up what people did, or what is left of it: a network that reads numbers leaves them out."""
PRICES = _words("price cost msrp 价 金额 费用")
"""Parts of names of columns that hold prices."""
CODES = frozenset(
    _words(
        "id code zip zipcode postcode postalcode phone isbn isbn13 ean upc gtin asin index row number no item product"
    )
)
"""Names of columns whose numbers name something."""
MOMENTS = frozenset(
    _words(
        "year releaseyear yearofpublication month day week weekday hour date releasedate published publishdate timestamp "
        "time updated updatedat 年份 年 月 日期 时间"
    )
)
"""Names of columns whose numbers are moments."""
