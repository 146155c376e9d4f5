"""Complaints in eight more languages, and words that mean something else in another language."""

import numpy as np
import pytest

from core.base.errors import UsageError
from core.catalogue.complaint_themes import THEMES, complaint_words, parse_words
from core.catalogue.text_folding import folded, folded_all
from core.voice.text_languages import rows_by_language
from core.voice.theme_lexicon import lexicon_themes

COMPLAINTS = {
    "delivery": {
        "de": "Nach drei Wochen ist das Paket immer noch nicht da",
        "fr": "Trois semaines après, je n'ai toujours rien reçu",
        "it": "Dopo tre settimane il pacco non è ancora arrivato",
        "ms": "Dah dua minggu barang masih belum sampai",
        "tl": "Dalawang linggo na wala pa rin yung order ko",
        "ja": "注文から3週間経っても届きません",
        "ko": "주문한 지 3주가 지났는데 아직도 안 왔어요",
        "ru": "Прошло три недели, а посылка так и не пришла",
    },
    "partial": {
        "de": "Bestellt waren vier, im Karton lagen nur drei",
        "fr": "J'en ai commandé quatre, il n'y en avait que trois dans le colis",
        "it": "Ne ho ordinati quattro, nella scatola ce n'erano solo tre",
        "ms": "Order empat tapi dalam kotak ada tiga saja",
        "tl": "Apat ang inorder ko pero tatlo lang ang dumating",
        "ja": "4個注文したのに箱には3個しか入っていませんでした",
        "ko": "네 개 주문했는데 세 개만 왔어요",
        "ru": "Заказала четыре, в коробке только три",
    },
    "wrong_item": {
        "de": "Ich habe Schwarz bestellt und Rot bekommen, falsche Farbe",
        "fr": "J'ai commandé le noir et j'ai reçu le rouge, mauvaise couleur",
        "it": "Ho ordinato il nero e mi è arrivato il rosso, colore sbagliato",
        "ms": "Order warna hitam tapi dapat merah, salah warna",
        "tl": "Itim ang inorder ko pero pula ang dumating, mali ang kulay",
        "ja": "黒を注文したのに赤が届きました。色違いです",
        "ko": "검정색 시켰는데 빨간색이 왔어요 색상이 달라요",
        "ru": "Заказывала чёрный, прислали красный, не тот цвет",
    },
    "quality": {
        "de": "Der Reißverschluss ist beim ersten Mal kaputt gegangen",
        "fr": "La fermeture s'est cassée à la première utilisation",
        "it": "La cerniera si è rotta al primo utilizzo",
        "ms": "Zip rosak masa guna kali pertama",
        "tl": "Nasira agad yung zipper sa unang gamit",
        "ja": "一度使っただけでファスナーが壊れました",
        "ko": "한 번 썼는데 지퍼가 고장났어요",
        "ru": "Молния сломалась в первый же день",
    },
    "stock": {
        "de": "Der Händler hat storniert, weil nicht mehr vorrätig",
        "fr": "Le vendeur a annulé car rupture de stock",
        "it": "Il venditore ha annullato perché esaurito",
        "ms": "Penjual batalkan pesanan sebab kehabisan stok",
        "tl": "Kinansela ng seller kasi out of stock daw",
        "ja": "在庫切れでショップにキャンセルされました",
        "ko": "품절이라고 판매자가 주문을 취소했어요",
        "ru": "Продавец отменил заказ, нет в наличии",
    },
    "refund": {
        "de": "Ware zurückgeschickt, aber mein Geld habe ich nicht zurückbekommen",
        "fr": "J'ai renvoyé l'article et toujours pas de remboursement",
        "it": "Ho fatto il reso e non ho ancora avuto il rimborso",
        "ms": "Dah pulangkan barang tapi duit belum dikembalikan",
        "tl": "Naibalik ko na pero wala pang refund",
        "ja": "返品したのに返金されません",
        "ko": "반품했는데 환불이 안 돼요",
        "ru": "Вернула товар, а деньги не возвращают",
    },
    "service": {
        "de": "Fünfmal geschrieben, der Kundenservice antwortet nicht",
        "fr": "Écrit cinq fois, le service client ne répond pas",
        "it": "Ho scritto cinque volte, l'assistenza clienti non risponde",
        "ms": "Chat penjual lima kali tak balas",
        "tl": "Limang beses akong nag-message hindi sumasagot ang seller",
        "ja": "5回連絡しましたがカスタマーサポートから返信がありません",
        "ko": "다섯 번 문의했는데 고객센터가 답변이 없어요",
        "ru": "Писала пять раз, служба поддержки не отвечает",
    },
    "price": {
        "de": "Die Versandkosten sind höher als der Preis, viel zu teuer",
        "fr": "Les frais de port sont plus chers que l'article",
        "it": "Le spese di spedizione costano più del prodotto, troppo caro",
        "ms": "Kos penghantaran lagi mahal dari barang",
        "tl": "Mas mahal pa ang shipping fee kaysa sa item",
        "ja": "送料が商品より高い",
        "ko": "배송비가 상품보다 비싸요",
        "ru": "Доставка дороже самого товара, очень дорого",
    },
    "content": {
        "de": "Im Video sah es ganz anders aus, irreführende Werbung",
        "fr": "Rien à voir avec la vidéo, publicité mensongère",
        "it": "Niente a che vedere con il video, pubblicità ingannevole",
        "ms": "Tak macam dalam video, iklan menipu",
        "tl": "Hindi gaya ng nasa video, manloloko",
        "ja": "動画と全然違う、誇大広告です",
        "ko": "영상과 전혀 달라요 과장 광고",
        "ru": "На видео совсем другое, обман покупателей",
    },
}


@pytest.mark.parametrize("theme", COMPLAINTS)
def test_a_complaint_has_its_theme_in_every_language(theme: str) -> None:
    texts = list(COMPLAINTS[theme].values())
    speaks = lexicon_themes(folded_all(texts))[:, THEMES.index(theme)]
    assert [name for name, is_heard in zip(COMPLAINTS[theme], speaks, strict=True) if not is_heard] == []


@pytest.mark.parametrize(
    "text",
    [
        "No te preocupes, se lo di a mi hermana",  # Vietnamese te: bad
        "Boa tarde, um livro sobre a lua para a minha filha",  # Spanish tarde: late; Vietnamese lua: to deceive
        "Cara pakainya gampang tapi biasa aja",  # Spanish cara: expensive
        "Der Bau hat uns nicht so gefallen",  # Indonesian bau: smell
        "Le sac est correct sans plus",  # Portuguese SAC: customer service
        "La loi du marché, je suis un peu triste",  # Vietnamese loi: fault
        "Sono andato in vacanza e la lua di miele era bella",
    ],
)
def test_a_word_of_another_language_is_no_complaint(text: str) -> None:
    assert not lexicon_themes(folded_all([text])).any()


def test_english_words_are_borrowed_in_every_language() -> None:
    texts = ["Saya sudah minta refund dan belum ada kabar", "Ich warte, der seller ist unresponsive und das nervt"]
    speaks = lexicon_themes(folded_all(texts))
    assert speaks[0, THEMES.index("refund")]
    assert speaks[1, THEMES.index("service")]


def test_letters_and_frequent_words_tell_the_language() -> None:
    texts = folded_all(
        ["не пришло", "届きません", "没收到货", "배송이 늦어요", "ส่งช้า", "der und die", "ok", "", "그냥 okay"]
    )
    languages = [{name for name, rows in rows_by_language(texts).items() if place in rows} for place in range(9)]
    latin = {name for name, words in complaint_words().items() if words.frequent}
    assert languages == [{"ru"}, {"ja"}, {"zh"}, {"ko"}, {"th"}, {"de", "en"}, latin, set(), latin | {"ko"}]


def test_a_text_between_two_languages_may_be_in_both() -> None:
    rows = rows_by_language(
        folded_all(["que no me lo recomiendo por el precio", "o produto que me mandaram nao e um bom"])
    )
    assert 0 in rows["es"]
    assert {0, 1} <= set(rows["pt"].tolist()), "que, no, me, por"
    assert 0 not in rows["vi"]
    assert 1 not in rows["de"]


def test_phrases_are_folded_and_every_language_has_every_theme() -> None:
    for language, words in complaint_words().items():
        assert all(words.phrases[theme] for theme in THEMES), language
        for phrase in (*words.frequent, *np.concatenate([*words.phrases.values(), *words.exceptions.values()])):
            plain = str(phrase).replace("*", "").replace("..", "").replace("#", "")
            assert folded(plain).split() == plain.split(), (language, phrase)


@pytest.mark.parametrize(
    ("text", "message"),
    [("words = ['a']", "it holds words"), ("wordz = 1", "it holds words"), ("words = 5", "it holds words")],
)
def test_a_file_of_words_that_does_not_fit_is_refused(text: str, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        parse_words("xx.toml", text)


def test_a_list_of_something_else_than_texts_is_refused() -> None:
    tables = "\n".join(f"[{theme}]\nphrases = ['a']" for theme in THEMES[1:])
    with pytest.raises(UsageError, match=r"xx\.toml \[delivery\]: phrases must be a list of texts"):
        parse_words("xx.toml", f"[delivery]\nphrases = [1]\n{tables}")


@pytest.mark.parametrize(
    "text",
    [
        "Das Gewicht betrug drei Kilo",  # Betrug: fraud
        "Dunkle Röstung, rostfreier Stahl",  # Rost: rust
        "La macchina del caffè è perfetta, mi sono reso conto subito",  # macchia: stain; reso: return
        "Llegó por la tarde y me gusta",  # tarde: late
        "El soporte para el móvil es firme",  # soporte: support
        "À l'occasion de Noël je l'ai offert à ma mère",  # d'occasion: used
        "O vestido caiu como uma luva em mim",  # caiu: it fell
        "Дорогой друг, спасибо, дорога была короткой",  # дорого: expensive
        "Habis ini saya mau beli lagi, bekas jerawat jadi hilang",  # habis: sold out; hilang: lost
        "Bisa lepas pasang dan dipakai saat mati lampu",  # lepas: comes off; mati: dead
        "Mặt hàng này bán quá rẻ, thùng rác nhỏ gọn",  # mất hàng: lost; bẩn: dirty; rác: rubbish
        "Giao hàng rất nhanh, có nhiều màu khác nhau",  # giao hàng rất lâu: slow; màu khác: another colour
        "다른 제품보다 좋아요",  # 다른 제품이 왔어요: another one came
        "快遞很給力",
        "旧的用完了再买一个",
    ],
)
def test_a_word_that_means_something_else_in_its_own_language_is_no_complaint(text: str) -> None:
    assert not lexicon_themes(folded_all([text])).any()


@pytest.mark.parametrize(
    "text",
    [
        "Kein einziger Kratzer, es fehlt wirklich nichts und ich musste nicht lange warten",
        "Aucun retard, ne se raye pas et ne rouille pas",
        "Nessun graffio e non è caro",
        "Sin ningún defecto, no tardó nada y no se rompió",
        "Tidak ada yang rusak dan pengiriman tidak lambat",
        "Không bị rách, không phai màu",
        "Размер не маломерит, без дыр, без царапин, отзывы не врут",
        "壊れずに届きました。遅れずに届いた",
        "没有色差，没有破损，没有异味",
        "기다리지 않고 받았고 파손 없이 왔어요",
        "ไม่หลุด ไม่ลอก ไม่รั่ว",
        "Keine Flecken, kein Loch",
        "Никаких царапин, никаких трещин",
        "Not a single scratch",
        "Walang gasgas kahit isa",
        "It doesn't leak, never broke, no stains and nothing is missing",
    ],
)
def test_a_fault_that_is_denied_is_no_complaint(text: str) -> None:
    assert not lexicon_themes(folded_all([text])).any()


def test_an_answer_that_came_is_none_that_did_not() -> None:
    speaks = lexicon_themes(folded_all(["すぐに返信がありました", "返信がありません"]))
    assert speaks[:, THEMES.index("service")].tolist() == [False, True]


def test_every_exception_shares_the_beginning_of_a_word_with_a_phrase() -> None:
    for language, words in complaint_words().items():
        for theme in THEMES:
            spoken = {word[:4].rstrip("*") for phrase in (*words.phrases[theme], "*") for word in phrase.split()}
            for phrase in filter(str.isascii, words.exceptions[theme]):
                assert any(word[:4].rstrip("*") in spoken for word in phrase.split()), (language, theme, phrase)
