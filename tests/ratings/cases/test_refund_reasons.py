"""Reasons of refunds as systems and buyers write them, in fifteen languages."""

import pytest

from core.catalogue.rating_rules import packaged
from core.ratings.cases.order_facts import NONE, reason_codes

RULES = packaged()
REASONS = {
    "en": [
        ("No longer needed", "buyer"), ("Changed my mind", "buyer"), ("Better price available", "buyer"),
        ("FOUND_BETTER_PRICE", "buyer"), ("Ordered by mistake", "buyer"), ("Ordered by accident", "buyer"),
        ("MISORDERED", "buyer"), ("UNWANTED_ITEM", "buyer"), ("UNAUTHORIZED_PURCHASE", "buyer"),
        ("Just didn't like it", "buyer"), ("I don't like it", "buyer"), ("Ordered wrong style/size/color", "buyer"),
        ("Gift, not wanted", "buyer"), ("Item doesn't match description", "content"), ("NOT_AS_DESCRIBED", "content"),
        ("APPAREL_TOO_SMALL", "content"), ("size_too_large", "content"), ("Doesn't fit", "content"),
        ("NOT_COMPATIBLE", "content"), ("Item looks different from the live stream", "content"),
        ("Wrong item was sent", "dispatch"),
        ("Missing accessories or parts", "dispatch"), ("MISSING_PARTS", "dispatch"), ("SWITCHEROO", "dispatch"),
        ("Received incorrect item", "dispatch"), ("Empty parcel", "dispatch"), ("Different item received", "dispatch"),
        ("MISSED_ESTIMATED_DELIVERY", "carrier"), ("NEVER_ARRIVED", "carrier"), ("DAMAGED_BY_CARRIER", "carrier"),
        ("Package arrived late", "carrier"), ("Haven't received the parcel", "carrier"), ("DEFECTIVE", "product"),
        ("QUALITY_UNACCEPTABLE", "product"), ("Item doesn't work", "product"), ("Arrived damaged", "product"),
        ("Doesn't seem authentic", "product"), ("Item is used or dirty", "product"),
        ("Seller not responding", "service"),
        ("other", "unexplained"), ("NO_REASON_GIVEN", "unexplained"), ("Personal reasons", "buyer"),
    ],
    "id": [
        ("Produk tidak sesuai deskripsi", "content"), ("Barang rusak", "product"), ("Barang tidak lengkap", "dispatch"),
        ("Barang yang diterima salah", "dispatch"), ("Saya berubah pikiran", "buyer"),
        ("Paket belum diterima", "carrier"),
        ("Kualitas produk tidak bagus", "product"), ("Ukuran tidak pas", "content"),
        ("Penjual tidak merespon", "service"),
    ],
    "vi": [
        ("Tôi không còn nhu cầu mua nữa", "buyer"), ("Hàng lỗi, không hoạt động", "product"),
        ("Thiếu hàng", "dispatch"),
        ("Người bán gửi sai hàng", "dispatch"), ("Chưa nhận được hàng", "carrier"), ("Khác với mô tả", "content"),
        ("Hàng bể vỡ", "product"), ("Hàng giả, hàng nhái", "product"),
    ],
    "th": [
        ("เปลี่ยนใจไม่ต้องการแล้ว", "buyer"), ("ได้รับสินค้าไม่ครบ", "dispatch"), ("ได้รับสินค้าผิด", "dispatch"),
        ("สินค้าเสียหาย", "product"), ("สินค้าไม่ตรงตามรายละเอียด", "content"), ("ยังไม่ได้รับสินค้า", "carrier"),
        ("สินค้ามีตำหนิ", "product"),
    ],
    "es": [
        ("Ya no lo quiero", "buyer"), ("Producto defectuoso", "product"), ("No llegó el paquete", "carrier"),
        ("Me enviaron otro producto", "dispatch"), ("No es como en la publicación, talla chica", "content"),
        ("Llegó dañado", "product"),
        ("Faltan piezas", "dispatch"),
    ],
    "pt": [
        ("Arrependimento de compra", "buyer"), ("Produto com defeito", "product"),
        ("Produto diferente do anunciado", "content"),
        ("Recebi o produto errado", "dispatch"), ("Não recebi o pedido", "carrier"), ("Faltaram itens", "dispatch"),
        ("Tamanho não serviu", "content"),
    ],
    "zh": [
        ("七天无理由退货", "buyer"), ("质量问题", "product"), ("商品与描述不符", "content"),
        ("少件/漏发", "dispatch"), ("卖家发错货", "dispatch"), ("未收到货", "carrier"),
        ("不喜欢/不想要", "buyer"), ("尺码不合适", "content"),
    ],
    "de": [
        ("Gefällt mir nicht", "buyer"), ("Artikel defekt", "product"), ("Falscher Artikel geliefert", "dispatch"),
        ("Paket nicht angekommen", "carrier"), ("Zu groß", "content"), ("Entspricht nicht der Beschreibung", "content"),
        ("Teile fehlen", "dispatch"),
    ],
    "fr": [
        ("Changement d'avis", "buyer"), ("Article endommagé", "product"), ("Mauvais article reçu", "dispatch"),
        ("Colis non reçu", "carrier"), ("Taille trop petite", "content"),
        ("Ne correspond pas à la description", "content"),
    ],
    "it": [
        ("Ripensamento", "buyer"), ("Prodotto difettoso", "product"), ("Articolo errato", "dispatch"),
        ("Pacco mai arrivato", "carrier"), ("Taglia sbagliata", "content"),
    ],
    "ms": [
        ("Berubah fikiran", "buyer"), ("Barang rosak", "product"), ("Barang salah", "dispatch"),
        ("Belum terima barang", "carrier"), ("Saiz tidak sesuai", "content"),
    ],
    "tl": [
        ("Nagbago ang isip", "buyer"), ("Sira ang item", "product"), ("Kulang ang natanggap", "dispatch"),
        ("Hindi natanggap ang parcel", "carrier"), ("Hindi kasya", "content"),
    ],
    "ja": [
        ("お客様都合", "buyer"), ("初期不良", "product"), ("商品違い", "dispatch"),
        ("届かない", "carrier"), ("サイズが合わない", "content"), ("イメージと違う", "content"),
    ],
    "ko": [
        ("단순 변심", "buyer"), ("상품 불량", "product"), ("다른 상품 배송", "dispatch"),
        ("배송 지연", "carrier"), ("사이즈 안 맞음", "content"), ("상품 설명과 다름", "content"),
    ],
    "ru": [
        ("Передумал", "buyer"), ("Брак", "product"), ("Прислали не тот товар", "dispatch"),
        ("Товар не получен", "carrier"), ("Не подошёл размер", "content"), ("Не соответствует описанию", "content"),
    ],
}  # fmt: skip


def reasons_of(texts: list[str]) -> list[str]:
    """The reason of the rules that each refund reason tells; "buyer" where it is nobody's fault."""
    names = list(RULES.reasons)
    return ["buyer" if code == NONE else names[code] for code in reason_codes(texts, RULES)]


@pytest.mark.parametrize("language", REASONS)
def test_a_reason_is_read_in_its_language(language: str) -> None:
    texts, reasons = zip(*REASONS[language], strict=True)
    assert reasons_of(list(texts)) == list(reasons)
    assert [reasons_of([text])[0] for text in texts] == list(reasons), "each alone"


def test_case_accents_and_signs_change_nothing() -> None:
    assert reasons_of(["NICHT_WIE_BESCHRIEBEN!", "Qualité", "QUALITE", "не понравилось", ""]) == [
        "content", "product", "product", "buyer", "unexplained",
    ]  # fmt: skip


def test_of_several_languages_the_one_that_reads_most_reads_all() -> None:
    """Lo perso: a person in Spanish, lost in Italian."""
    spanish = ["talla chica", "no me gusta", "producto defectuoso"]
    assert reasons_of([*spanish, "el video"])[-1] == "content"
    assert reasons_of(["person at home was away"]) == ["unexplained"]


def test_words_of_the_rules_come_first() -> None:
    assert reasons_of(["defekt, described otherwise"]) == ["content"]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("Minderwertige Ware", "product"),  # mind: "changed my mind"
        ("Falta un tornillo", "dispatch"),  # torn
        ("Latex allergy", "unexplained"),  # late
        ("No longer works", "product"),  # no longer needed
        ("Stockings torn", "product"),  # out of stock
        ("Item never shipped", "dispatch"),  # shipping: what the carrier does
        ("Mancata consegna", "carrier"),  # manca: something is missing
        ("Manque de solidité, fermeture cassée", "product"),
        ("Akku schnell leer, defekt", "product"),
        ("Kualitas kurang baik", "product"),
        ("Kualiti kurang memuaskan", "product"),
        ("Mặt hàng bị lỗi", "product"),  # mất hàng: lost
        ("Người bán trả lời chậm", "service"),  # lỗi: fault
        ("สินค้าหมดอายุ", "product"),  # สินค้าหมด: sold out
        ("เสื้อขาด", "product"),  # ขาด: torn, or missing
        ("Потёртости и трещины", "product"),  # потерян: lost
    ],
)
def test_a_beginning_or_a_homograph_of_another_word_tells_no_other_reason(text: str, reason: str) -> None:
    assert reasons_of([text]) == [reason]


@pytest.mark.parametrize(
    "text",
    [
        "Compra no autorizada", "Achat non autorisé", "Acquisto effettuato per errore", "Muốn thay đổi địa chỉ giao hàng",
        "ต้องการเปลี่ยนที่อยู่จัดส่ง", "注文を間違えた", "색상 및 사이즈 변경", "Отказ от товара", "Tersalah pesan",
        "Anderweitig gekauft", "改變主意", "Maling item ang na-order ko", "changed_my_mind",
    ],
)  # fmt: skip
def test_what_the_buyer_decided_is_no_fault_of_the_shop(text: str) -> None:
    assert reasons_of([text]) == ["buyer"]


@pytest.mark.parametrize(
    "text",
    [
        "Akku hält nicht", "Ne s'allume pas", "Non si accende più", "Dejó de funcionar", "Parou de funcionar", "Tidak menyala",
        "Tak boleh guna", "Không sử dụng được", "เปิดไม่ติด", "用不了", "使えない", "작동 안 함", "Не включается",
    ],
)  # fmt: skip
def test_what_no_longer_works_is_a_fault_of_the_product(text: str) -> None:
    assert reasons_of([text]) == ["product"]
