"""Words that say little by themselves, in English and in simplified Chinese. Negations stay out: they turn a meaning."""

ENGLISH = frozenset(
    """ a about above after again all also am an and any are as at be because been before being below between
both but by can could did do does doing down during each even few for from further get got had has have having he her here
hers herself him himself his how i if in into is it it's its itself i'd i'll i'm i've just let's like me more most much my
myself of off on once one only or other our ours ourselves out over own really s same she should so some such t than that
that's the their theirs them themselves then there there's these they they're this those through to too under until up upon us
very was we we're were what when where which while who whom why will with would you you're you've your yours yourself
yourselves
""".split()  # noqa: SIM905
)
CHINESE = frozenset(
    """
的 了 是 在 我 有 和 就 人 都 一 一个 上 也 很 到 说 要 去 你 会 着 看 自己 这 那 这个 那个 这些 那些 这里 那里 这样 那样 他
她 它 们 我们 你们 他们 她们 它们 咱们 大家 别人 谁 什么 怎么 怎样 如何 哪 哪里 哪个 多少 几 为 为了 为什么 因为 所以 因此
由于 如果 要是 虽然 但 但是 可是 不过 然而 而 而且 并 并且 或 或者 还是 以及 及 与 跟 同 对 对于 关于 把 被 让 给 从 向 往 由
以 于 按 按照 当 当时 时 时候 之 之后 之前 以后 以前 然后 后来 现在 已经 曾经 正在 将 将要 再 又 还 还有 才 只 只是 只有 就是
就算 也是 都是 可以 可能 能 能够 应该 需要 得 地 过 来 里 中 下 前 后 内 外 个 些 点 种 次 位 件 只能 比 比较 更 最 太 非常
十分 特别 真 真的 确实 其实 其他 其它 另外 每 每个 各 各种 某 某些 啊 吧 呢 吗 嘛 呀 哦 哈 哈哈 嗯 呵呵 哎 唉 啦 么 等 等等
之类 一些 一下 一点 一样 一直 一般 有点 有些 觉得 感觉 认为 知道 起来 出来
""".split()  # noqa: SIM905
)
BOTH = ENGLISH | CHINESE
