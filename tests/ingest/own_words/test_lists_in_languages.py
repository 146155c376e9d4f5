# ruff: noqa: E501 - files are as systems write them
"""Reviews, violations, accounts of creators, shops and orders in the words of many languages."""

from pathlib import Path

import pytest

from tests.ingest.shapes import figures, loads

REVIEWS = {
    "de2": "Rezensions-ID,Bestell-Nr.,Erstellt am,Anzahl Sterne,Rezension",
    "fr4": "Numéro d'avis,Numéro de commande,Date de l'avis,Note,Commentaire",
    "fr3": "N° de l'avis,Numéro de commande,Publié le,Nombre d’étoiles,Avis",
    "ja2": "口コミ番号,注文ID,投稿日,星の数,コメント",
    "ru2": "№ отзыва,№ заказа,Дата,Баллы,Комментарий",
    "de": "Bewertungs-ID,Bestellnummer,Bewertungsdatum,Sterne,Bewertungstext",
    "es": "ID de reseña,ID del pedido,Fecha de la reseña,Calificación,Comentario",
    "es2": "ID de la valoración,Número de pedido,Fecha,Estrellas,Texto de la reseña",
    "pt": "ID da avaliação,ID do pedido,Data da avaliação,Nota,Comentário",
    "pt2": "ID da avaliação,Número do pedido,Data,Estrelas,Texto da avaliação",
    "fr": "ID de l'avis,Numéro de commande,Date de l'avis,Note,Commentaire",
    "fr2": "Identifiant avis,N° de commande,Date,Étoiles,Texte de l'avis",
    "it": "ID recensione,Numero ordine,Data recensione,Valutazione,Testo recensione",
    "id": "ID Ulasan,No. Pesanan,Tanggal Ulasan,Rating,Isi Ulasan",
    "id2": "ID Penilaian,Nomor Pesanan,Waktu Penilaian,Bintang,Komentar",
    "ms": "ID Ulasan,No. Pesanan,Tarikh Ulasan,Penarafan,Komen",
    "th": "หมายเลขรีวิว,หมายเลขคำสั่งซื้อ,วันที่รีวิว,คะแนน,ความคิดเห็น",
    "vi": "Mã đánh giá,Mã đơn hàng,Ngày đánh giá,Số sao,Nội dung đánh giá",
    "zh": "评价ID,订单编号,评价时间,评分,评价内容",
    "zht": "評價編號,訂單編號,評價時間,評分,評價內容",
    "ja": "レビューID,注文番号,レビュー日時,評価,レビュー内容",
    "ko": "리뷰번호,주문번호,리뷰작성일,평점,리뷰내용",
    "ru": "ID отзыва,Номер заказа,Дата отзыва,Оценка,Текст отзыва",
    "nl": "Review-ID,Bestelnummer,Reviewdatum,Sterren,Reviewtekst",
    "pl": "ID opinii,Numer zamówienia,Data opinii,Ocena,Treść opinii",
    "tr": "Değerlendirme No,Sipariş No,Değerlendirme Tarihi,Puan,Yorum",
    "hu": "Értékelés azonosító,Rendelés azonosító,Dátum,Csillag,Vélemény",
    "hu2": "Vélemény azonosítója,Rendelés azonosítója,Vélemény dátuma,Csillagok száma,Vélemény szövege",
    "cs": "ID recenze,Číslo objednávky,Datum recenze,Počet hvězdiček,Recenze",
    "ro": "ID recenzie,Număr comandă,Data recenziei,Număr de stele,Recenzie",
    "sv": "Recensions-ID,Ordernummer,Datum,Antal stjärnor,Recension",
    "da": "Anmeldelses-ID,Ordrenummer,Dato,Antal stjerner,Anmeldelse",
    "no": "Anmeldelses-ID,Ordrenummer,Dato,Antall stjerner,Anmeldelse",
    "fi": "Arvostelun tunnus,Tilausnumero,Päivämäärä,Tähtien määrä,Arvostelu",
    "el": "Κωδικός κριτικής,Αριθμός παραγγελίας,Ημερομηνία,Αριθμός αστεριών,Κριτική",
    "uk": "ID відгуку,Номер замовлення,Дата,Кількість зірок,Відгук",
    "nl2": "Beoordelings-ID,Ordernummer,Datum,Aantal sterren,Beoordeling",
}
REVIEWS |= {
    "es in a program": "id_de_resena,id_del_pedido,fecha_de_la_resena,calificacion,comentario",
    "pt in a program": "idDaAvaliacao,numeroDoPedido,data,estrelas,textoDaAvaliacao",
    "pl in a program": "id_opinii,numer_zamowienia,data_opinii,ocena,tresc_opinii",
    "tr in a program": "degerlendirme_no,siparis_no,degerlendirme_tarihi,puan,yorum",
}
VIOLATIONS = {
    "en": "Case No.,Violation Time,Creator,Rule,Penalty Points",
    "de": "Verstoß-ID,Datum,Creator,Verstoßart,Strafpunkte",
    "es": "ID de infracción,Fecha,Creador,Tipo de infracción,Puntos",
    "pt": "ID da violação,Data,Criador,Tipo de violação,Pontos",
    "fr": "ID de l'infraction,Date,Créateur,Type d'infraction,Points",
    "it": "ID violazione,Data,Creator,Tipo di violazione,Punti",
    "id": "ID Pelanggaran,Tanggal,Kreator,Jenis Pelanggaran,Poin",
    "th": "หมายเลขการละเมิด,วันที่,ครีเอเตอร์,ประเภทการละเมิด,คะแนน",
    "vi": "Mã vi phạm,Ngày,Nhà sáng tạo,Loại vi phạm,Điểm phạt",
    "zh": "违规单号,违规时间,达人ID,违规类型,扣分",
    "ja": "違反ID,違反日,クリエイター,違反種別,減点",
    "ko": "위반번호,위반일,크리에이터,위반유형,벌점",
    "ru": "ID нарушения,Дата,Автор,Тип нарушения,Баллы",
}
VIOLATIONS |= {
    "es in a program": "id_de_infraccion,fecha,creador,tipo_de_infraccion,puntos",
    "fr in a program": "id_infraction,date,createur,type_d_infraction,points",
}
APPEALS = {
    "en": "Appeal outcome,Granted,Denied",
    "de": "Einspruch,Stattgegeben,Nicht stattgegeben",
    "es": "Resultado de la apelación,Aprobada,Desestimada",
    "pt": "Situação do recurso,Deferido,Indeferido",
    "fr": "Statut de l'appel,Accepté,Refusé",
    "it": "Esito,Annullata,Confermata",
    "id": "Status Banding,Disetujui,Tidak disetujui",
    "th": "สถานะ,อุทธรณ์สำเร็จ,อุทธรณ์ไม่สำเร็จ",
    "vi": "Kết quả khiếu nại,Thành công,Không được chấp nhận",
    "zh": "处罚状态,申诉成功,申诉不成立",
    "ja": "ステータス,取り消し,有効",
    "ko": "이의신청 결과,인용,기각",
    "ru": "Статус апелляции,Удовлетворена,Не удовлетворена",
}
"""What became of an appeal: the column, a cell by which the violation was overturned, one by which it stands."""

ACCOUNTS = {
    "de": "Creator-ID,Nutzername,Agentur,Follower,Beigetreten am",
    "es": "ID del creador,Nombre de usuario,Agencia,Seguidores,Fecha de alta",
    "pt": "ID do criador,Nome de usuário,Agência,Seguidores,Data de entrada",
    "fr": "ID du créateur,Nom d'utilisateur,Agence,Abonnés,Date d'inscription",
    "it": "ID creator,Nome utente,Agenzia,Follower,Data di iscrizione",
    "id": "ID Kreator,Nama Pengguna,Agensi,Pengikut,Tanggal Bergabung",
    "th": "รหัสครีเอเตอร์,ชื่อผู้ใช้,เอเจนซี่,ผู้ติดตาม,วันที่เข้าร่วม",
    "vi": "ID nhà sáng tạo,Tên người dùng,Công ty quản lý,Người theo dõi,Ngày tham gia",
    "zh": "达人ID,达人昵称,机构,粉丝数,入驻时间",
    "ja": "クリエイターID,ユーザー名,事務所,フォロワー数,登録日",
    "ko": "크리에이터 ID,닉네임,소속사,팔로워 수,가입일",
    "ru": "ID автора,Имя пользователя,Агентство,Подписчики,Дата регистрации",
}
ORDERS = {
    "fr in a program": "numero_commande,date_commande,date_paiement,client,produit,quantite,montant_commande,date_d_expedition,date_de_livraison,montant_rembourse",
    "vi in a program": "maDonHang,ngayDatHang,thoiGianThanhToan,nguoiMua,sanPham,soLuong,tongTienDonHang,ngayGiaoHang,thoiGianNhanHang,soTienHoanLai",
    "de": "Bestellnummer,Bestelldatum,Zahlungsdatum,Kunde,Artikel,Menge,Bestellsumme,Versanddatum,Lieferdatum,Erstattungsbetrag",
    "es": "ID del pedido,Fecha del pedido,Fecha de pago,Cliente,Producto,Cantidad,Importe del pedido,Fecha de envío,Fecha de entrega,Importe reembolsado",
    "pt": "ID do pedido,Data do pedido,Data do pagamento,Cliente,Produto,Quantidade,Valor do pedido,Data de envio,Data de entrega,Valor do reembolso",
    "fr": "Numéro de commande,Date de commande,Date de paiement,Client,Produit,Quantité,Montant de la commande,Date d'expédition,Date de livraison,Montant remboursé",
    "it": "Numero ordine,Data ordine,Data pagamento,Cliente,Prodotto,Quantità,Importo ordine,Data di spedizione,Data di consegna,Importo rimborsato",
    "id": "No. Pesanan,Waktu Pesanan Dibuat,Waktu Pembayaran,Pembeli,Produk,Jumlah,Total Pesanan,Waktu Pengiriman,Waktu Diterima,Jumlah Pengembalian Dana",
    "th": "หมายเลขคำสั่งซื้อ,วันที่สั่งซื้อ,เวลาชำระเงิน,ผู้ซื้อ,สินค้า,จำนวน,ยอดคำสั่งซื้อ,วันที่จัดส่ง,วันที่ได้รับสินค้า,จำนวนเงินคืน",
    "vi": "Mã đơn hàng,Ngày đặt hàng,Thời gian thanh toán,Người mua,Sản phẩm,Số lượng,Tổng tiền đơn hàng,Ngày giao hàng,Thời gian nhận hàng,Số tiền hoàn lại",
    "zh": "订单编号,下单时间,支付时间,买家,商品ID,数量,实付金额,发货时间,签收时间,退款金额",
    "ja": "注文番号,注文日時,支払日時,購入者,商品,数量,注文金額,発送日,配達日,返金額",
    "ko": "주문번호,주문일시,결제일시,구매자,상품,수량,주문금액,발송일,배송완료일,환불금액",
    "ru": "Номер заказа,Дата заказа,Дата оплаты,Покупатель,Товар,Количество,Сумма заказа,Дата отправки,Дата доставки,Сумма возврата",
    "ms": "No. Pesanan,Tarikh Pesanan,Masa Bayaran,Pembeli,Produk,Kuantiti,Jumlah Pesanan,Tarikh Penghantaran,Tarikh Diterima,Jumlah Bayaran Balik",
}
"""Order, day, payment, buyer, product, units, amount, shipped, delivered, refunded."""

SHOPS = {
    "de": "Shop-ID,Shopname,Registriert am",
    "es": "ID de la tienda,Nombre de la tienda,Fecha de registro",
    "fr": "ID de la boutique,Nom de la boutique,Date d'inscription",
    "id": "ID Toko,Nama Toko,Tanggal Bergabung",
    "zh": "店铺ID,店铺名称,入驻时间",
    "ja": "店舗コード,店舗名,登録日",
    "ru": "ID магазина,Название магазина,Дата регистрации",
}


@pytest.mark.parametrize("language", REVIEWS)
def test_reviews(tmp_path: Path, language: str) -> None:
    rows = "".join(f"R{at},26{at:04},2026-07-{1 + at // 4:02},{1 + at % 5},good {at}\n" for at in range(40))
    (file,) = loads(tmp_path, f"{REVIEWS[language]}\n{rows}").files
    assert (file.kind, file.added) == ("reviews", 40)
    assert figures(tmp_path, "SELECT sum(rating), count(order_id), max(text) FROM reviews") == (120, 40, "good 9")


@pytest.mark.parametrize("language", VIOLATIONS)
def test_violations(tmp_path: Path, language: str) -> None:
    state, *cells = [*APPEALS[language.split()[0]].split(","), "", "?"]
    rows = "".join(
        f"V{at},2026-07-{1 + at:02},c{at % 5},{('fake', 'spam')[at % 2]},{1 + at % 6},{cells[at % 4]}\n"
        for at in range(24)
    )
    (file,) = loads(tmp_path, f"{VIOLATIONS[language]},{state}\n{rows}").files
    assert (file.kind, file.added) == ("violations", 24)
    counted = (
        "SELECT sum(points), count(DISTINCT creator_id), count(DISTINCT policy), count(overturned_at) FROM violations"
    )
    assert figures(tmp_path, counted) == (84, 5, 2, 6)


@pytest.mark.parametrize("language", ACCOUNTS)
def test_accounts(tmp_path: Path, language: str) -> None:
    rows = "".join(f"C{at},user{at},nova,{1000 + 37 * at},2025-{1 + at % 12:02}-11\n" for at in range(20))
    (file,) = loads(tmp_path, f"{ACCOUNTS[language]}\n{rows}").files
    assert (file.kind, file.added) == ("creators", 20)
    counted = "SELECT max(handle), max(agency_id), sum(followers), min(joined_on) FROM creators"
    assert figures(tmp_path, counted) == ("user9", "nova", 20_000 + 37 * 190, "2025-01-11")


@pytest.mark.parametrize("language", ORDERS)
def test_orders(tmp_path: Path, language: str) -> None:
    rows = "".join(
        f"26{at:04},2026-07-{1 + at:02} 10:00,2026-07-{1 + at:02} 10:05,b{at % 7},p{at % 3},2,{10 + at}.50,"
        f"2026-07-{2 + at:02},2026-07-{4 + at:02},{'5.00' if at % 5 == 0 else ''}\n"
        for at in range(20)
    )
    (file,) = loads(tmp_path, f"{ORDERS[language]}\n{rows}").files
    assert file.kind == "orders"
    counted = "SELECT count(paid_at), sum(units), count(DISTINCT buyer_id), count(shipped_at), count(delivered_at) FROM orders"
    assert figures(tmp_path, counted) == (20, 40, 7, 20, 20)
    assert figures(tmp_path, "SELECT sum(gmv), sum(refund_amount) FROM orders") == (400, 20)


@pytest.mark.parametrize("language", SHOPS)
def test_shops(tmp_path: Path, language: str) -> None:
    rows = "".join(f"s{at},Name {at},2025-03-{1 + at:02}\n" for at in range(9))
    (file,) = loads(tmp_path, f"{SHOPS[language]}\n{rows}").files
    assert (file.kind, file.added) == ("sellers", 9)
    assert figures(tmp_path, "SELECT max(name), max(joined_on) FROM sellers") == ("Name 8", "2025-03-09")


def test_products_of_the_contract_have_titles_in_own_words(tmp_path: Path) -> None:
    (file,) = loads(tmp_path, "product_id,Product Name,price,Inventory\np1,Lamp,4.50,30\np2,Desk,9,2\n").files
    assert (file.kind, file.added) == ("products", 2)
    assert figures(tmp_path, "SELECT max(title), sum(price), sum(stock) FROM products") == ("Lamp", 13.5, 32)


DEADLINES = {
    "fr": "Numéro de commande,Date de commande,Payé le,Produit,Quantité,Montant total,Expédier avant,Expédié le,Livraison promise",
    "pl": "Numer zamówienia,Data zamówienia,Data płatności,Produkt,Ilość,Wartość,Termin wysyłki,Data wysyłki,Obiecana dostawa",
    "it": "Numero ordine,Data ordine,Data pagamento,Prodotto,Quantità,Importo,Da spedire entro,Spedito il,Consegna promessa",
    "tr": "Sipariş no,Sipariş tarihi,Ödeme tarihi,Ürün,Adet,Tutar,En geç kargo tarihi,Gönderim tarihi,Planlanan teslim tarihi",
}
"""Orders with the days by which they should be sent and arrive."""


@pytest.mark.parametrize("language", DEADLINES)
def test_days_by_which_orders_are_due(tmp_path: Path, language: str) -> None:
    rows = "".join(
        f"26{at:04},2026-07-0{1 + at},2026-07-0{1 + at},p{at},1,{10 + at}.50,2026-07-{12 + at},2026-07-{11 + at},2026-07-{21 + at}\n"
        for at in range(5)
    )
    loads(tmp_path, f"{DEADLINES[language]}\n{rows}")
    days = "SELECT min(date(ship_by)), min(date(shipped_at)), min(date(promised_by)) FROM orders"
    assert figures(tmp_path, days) == ("2026-07-12", "2026-07-11", "2026-07-21")
