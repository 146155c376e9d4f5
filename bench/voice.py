"""Accuracy and speed of `voice`: themes of unseen reviews, delay until a planted complaint is marked, false marks, CPU time.

    python bench/voice.py [--seeds 20] [--seed 1]

The reviews are sentences that were not used to write the words of the catalogue, plain ones in seven languages and indirect
ones (indirect_complaints.toml) in fifteen; each is about one theme or about none. Macro-F1 is the mean of F1 over the themes.
A planted complaint begins on a known day in one category. Printed are the days until `voice` marks its theme or one of its
words as risen, and how often `voice` marks something when nothing is planted.
"""

import argparse
import csv
import tempfile
import time
import tomllib
from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path

import numpy as np

from core.base.days import Window, parse_day
from core.catalogue.complaint_themes import THEMES
from core.catalogue.text_folding import folded_all
from core.voice.complaints import text_themes
from core.voice.theme_lexicon import lexicon_themes
from core.voice.voice import voice
from core.workspace.read.rows.voice_rows import VoiceReviews
from core.workspace.read.workspace import Workspace
from core.workspace.write.load import load

SENTENCES: dict[str, tuple[str, ...]] = {
    "delivery": (
        "Passou do prazo e nada chegou na minha casa", "Three weeks have gone by and I still have no parcel",
        "Sampai hari ini barangnya belum saya terima", "Hàng giao quá chậm, đợi cả tháng",
        "รอของนานมาก ยังไม่ได้ของเลย",
        "El paquete llegó dos semanas tarde", "等了一个月还没收到货", "It was due on Monday and it came ten days late",
    ),
    "partial": (
        "Comprei três e veio só um", "Two of the four cups were missing from the box",
        "Pesan tiga yang datang cuma dua",
        "Đặt 2 cái mà chỉ nhận được 1", "สั่งสองชิ้นได้มาแค่ชิ้นเดียว", "Faltaba una pieza del juego",
        "买了两件只收到一件",
        "The set is incomplete, the lid was not in it",
    ),
    "wrong_item": (
        "Pedi azul e mandaram vermelho", "They sent me another model than the one I ordered",
        "Warna yang dikirim salah, beda dengan pesanan",
        "Giao sai màu so với đơn đặt", "ได้ของผิดสี ไม่ตรงกับที่สั่ง", "Me enviaron una talla equivocada",
        "发错颜色了，跟我订的不一样",
        "The shoes do not match the description at all",
    ),
    "quality": (
        "Quebrou no segundo dia de uso", "It stopped working after a week", "Barangnya rusak, kualitas jelek",
        "Hàng kém chất lượng, dùng một lần đã hỏng",
        "ของพัง คุณภาพแย่มาก", "Llegó roto y de mala calidad", "质量太差，用一次就坏了",
        "The seams came apart, very poor material",
    ),
    "stock": (
        "Cancelaram porque não tinha no estoque", "My order was cancelled because it was out of stock",
        "Dibatalkan penjual karena stok habis",
        "Shop báo hết hàng rồi huỷ đơn", "ร้านยกเลิกเพราะของหมด", "Cancelaron el pedido por falta de stock",
        "卖家说没货就取消了",
    ),
    "refund": (
        "Quero meu dinheiro de volta", "I asked for a refund and got nothing back",
        "Uang saya belum dikembalikan", "Tôi muốn được hoàn tiền",
        "ขอเงินคืนแต่ยังไม่ได้", "Todavía espero la devolución del dinero", "申请退款一直不处理",
    ),
    "service": (
        "Mando mensagem e ninguém responde", "Customer service never answers my emails",
        "Penjual tidak merespon chat saya",
        "Nhắn tin shop không trả lời", "ทักแชทร้านไม่ตอบเลย", "El vendedor no contesta los mensajes",
        "客服态度差，一直不回复",
    ),
    "price": (
        "O frete foi caro demais", "Shipping costs more than the thing itself", "Ongkirnya mahal sekali",
        "Phí ship quá đắt", "ค่าส่งแพงมาก",
        "El envío es carísimo", "运费太贵了",
    ),
    "content": (
        "Na live prometeram uma coisa e era outra", "The video is misleading, it looks nothing like that",
        "Tidak sesuai video, iklannya bohong",
        "Quảng cáo sai sự thật trên livestream", "ไม่เหมือนในไลฟ์ โฆษณาเกินจริง", "El anuncio es engañoso",
        "和直播里说的不一样，虚假宣传",
    ),
    "": (
        "Não gostei", "Not what I hoped for", "Biasa saja", "Bình thường thôi", "เฉยๆ", "Podría ser mejor",
        "一般般", "Três estrelas pelo preço bom",
    ),
}  # fmt: skip
FIRST, DAYS = date(2026, 1, 5), 84


def unseen() -> tuple[dict[str, float], float]:
    """F1 of each theme on the sentences above, and its mean."""
    texts = [text for group in SENTENCES.values() for text in group]
    truth = np.array([[theme == name for theme in THEMES] for name, group in SENTENCES.items() for _ in group])
    labels = text_themes(_reviews(texts))
    hits, extra, missed = (labels & truth).sum(0), (labels & ~truth).sum(0), (~labels & truth).sum(0)
    scores = 2 * hits / np.maximum(2 * hits + extra + missed, 1)
    return dict(zip(THEMES, scores.tolist(), strict=True)), float(scores.mean())


def indirect() -> tuple[float, float]:
    """Of the indirect complaints: the share whose theme is heard; and the share of what is heard that is right."""
    groups = tomllib.loads((Path(__file__).parent / "indirect_complaints.toml").read_text("utf-8"))
    told = [(theme, text) for theme, by_language in groups.items() for texts in by_language.values() for text in texts]
    truth = np.array([[theme == name for theme in THEMES] for name, _ in told])
    heard = lexicon_themes(folded_all([text for _, text in told]))
    hits = (heard & truth).sum()
    return float(hits / truth.sum()), float(hits / heard.sum())


def _reviews(texts: Sequence[str]) -> VoiceReviews:
    nothing = np.zeros(len(texts), np.int64)
    return VoiceReviews(
        days=nothing,
        order_lines=nothing,
        ratings=np.full(len(texts), 2),
        codes={},
        review_ids=[str(number) for number in range(len(texts))],
        texts=texts,
    )


def seconds(count: int = 100_000) -> float:
    """CPU seconds for so many different texts."""
    chance = np.random.default_rng(1)
    pool = [text for group in SENTENCES.values() for text in group]
    texts = [
        f"{pool[a]}. {pool[b]} {number}" for number, (a, b) in enumerate(chance.integers(len(pool), size=(count, 2)))
    ]
    began = time.process_time()
    text_themes(_reviews(texts))
    return time.process_time() - began


def days_until_marked(seed: int) -> int | None:
    """Days from the first planted complaint until a theme or word is marked as risen; None when it is not within a week."""
    onset = DAYS - 14
    with tempfile.TemporaryDirectory() as folder, Workspace.open(_world(Path(folder), seed, onset)) as workspace:
        return next((after + 1 for after in range(7) if _marks(workspace, onset + after)), None)


def has_false_mark(seed: int) -> bool:
    """Whether anything is marked in the newest week of a world where nothing new was planted."""
    with tempfile.TemporaryDirectory() as folder, Workspace.open(_world(Path(folder), seed, None)) as workspace:
        return _marks(workspace, DAYS - 1)


def _marks(workspace: Workspace, day: int) -> bool:
    last = parse_day((FIRST + timedelta(day)).isoformat())
    result = voice(workspace, window=Window(last - 6, last))
    return bool(result.rising) or any(theme.rose for theme in result.themes)


def _world(folder: Path, seed: int, onset: int | None) -> Path:
    chance = np.random.default_rng([seed, onset is None])
    usual = [
        text for name, group in SENTENCES.items() if name in {"delivery", "quality", "refund", ""} for text in group
    ]
    orders, reviews = [], []
    for day in range(DAYS):
        for _ in range(60):
            number, category = len(orders), f"c{chance.integers(4)}"
            orders.append([f"O{number}", FIRST + timedelta(day), category, 20, FIRST + timedelta(day)])
            is_planted = onset is not None and day >= onset and category == "c1" and chance.random() < 0.3
            if is_planted or chance.random() < 0.12:
                text = "The charger overheats and melts the plug" if is_planted else str(chance.choice(usual))
                reviews.append([f"R{number}", f"O{number}", FIRST + timedelta(day), 1 if is_planted else 2, text])
    for name, header, rows in (
        ("orders", ["order_id", "ordered_at", "category", "gmv", "paid_at"], orders),
        ("reviews", ["review_id", "order_id", "reviewed_at", "rating", "text"], reviews),
    ):
        with (folder / f"{name}.csv").open("w", newline="") as file:
            csv.writer(file).writerows([header, *rows])
        load(folder / "w.db", [folder / f"{name}.csv"], as_kind=name)
    return folder / "w.db"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, default=20)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    scores, mean = unseen()
    print(
        f"unseen reviews: macro-F1 {mean:.3f} ({', '.join(f'{theme} {score:.2f}' for theme, score in scores.items())})"
    )
    share, right = indirect()
    print(f"indirect complaints in 15 languages: {share:.0%} heard, {right:.0%} of what is heard is right")
    print(f"100,000 texts: {seconds():.1f} CPU s")
    seeds = [options.seed * 1000 + number for number in range(options.seeds)]
    delays = [days_until_marked(seed) for seed in seeds]
    found = [delay for delay in delays if delay is not None]
    print(
        f"planted complaint: marked within a week: {len(found)} of {len(delays)}, median {np.median(found or [np.nan]):.0f} days"
    )
    false = sum(has_false_mark(seed) for seed in seeds)
    print(f"nothing planted: something marked in {false} of {len(seeds)} weeks")


if __name__ == "__main__":
    main()
