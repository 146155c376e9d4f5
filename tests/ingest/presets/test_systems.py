# ruff: noqa: E501 - headers and rows are as the systems write them
"""More exports of known systems, with values of their own: the plain command gives the figures counted by hand."""

from pathlib import Path
from typing import Any

import pytest

from core.base.errors import UsageError
from core.ingest.presets import preset, preset_heads, presets
from tests.ingest.shapes import days, figures, loads
from tests.ingest.test_cases import CASES as OTHERS

CREATORS = "Creator name,GMV dari kreator,GMV dari LIVE kreator,Pesanan teratribusi,Produk yang terjual dari kreator,AOV,CTOR,Video,Pembeli,Produk terjual,Perkiraan komisi\n"
VIDEOS = "Nama Kreator,Informasi Video,ID Video,Waktu,VV,Likes,Pesanan SKU teratribusi,GMV dari video (Rp),GPM (Rp),Rasio klik tayang (Video)\n"
AFFILIATE_VI = "ID đơn hàng,ID sản phẩm,Id Sku,Giá,Payment Amount,Đơn vị tiền tệ,Số lượng,Tên người dùng nhà sáng tạo,Loại nội dung,Thanh toán hoa hồng tiêu chuẩn ước tính,Thời gian đã tạo\n"
ASIN_DE = '"(Übergeordnete) ASIN","(Untergeordnete) ASIN","Titel","Sitzungen – Summe","Seitenaufrufe – Summe","Prozentsatz der Seitenaufrufe – Summe","Bestellte Einheiten","Durch bestellte Produkte erzielter Umsatz"\n'
EBAY_DE = '"Verkaufsprotokollnummer";"Bestellnummer";"Nutzername des Käufers";"Artikelnummer";"Anzahl";"Verkauft für";"Verkauft am"\n'
GA4_DE = (
    "Primäre Channelgruppe der Sitzung (Standard-Channelgruppe),Sitzungen,Sitzungen mit Interaktionen,Ereignisanzahl\n"
)
SHOPEE_ADS = "Urutan,Nama Iklan,Status,Kode Produk,Tanggal Mulai,Dilihat,Jumlah Klik,Persentase Klik,Omzet Penjualan,Biaya,Efektifitas Iklan\n"
SHOPEE_ADS_PT = "Sequência,Nome do Anúncio,Status,ID do produto,Data de Início,Data de Encerramento,Impressões,Cliques,CTR,GMV,Despesas\n"
SHOPEE_TH = "หมายเลขคำสั่งซื้อ,สถานะการสั่งซื้อ,วันที่ทำการสั่งซื้อ,เวลาการชำระสินค้า,ชื่อสินค้า,เลขอ้างอิง SKU (SKU Reference No.),ราคาตั้งต้น,ราคาขาย,จำนวน,ชื่อผู้ใช้ (ผู้ซื้อ)\n"
SHOPEE_VI = "Mã đơn hàng,Trạng Thái Đơn Hàng,Ngày đặt hàng,Thời gian đơn hàng được thanh toán,Tên sản phẩm,SKU phân loại hàng,Giá gốc,Giá ưu đãi,Số lượng,Người Mua\n"
WOO = "Order Number,Order Status,Order Date,Email (Billing),Order Refund Amount,Order Total Amount,SKU,Item #,Item Name,Quantity,Item Cost\n"
STRIPE = "id,Created date (UTC),Amount,Amount Refunded,Currency,Captured,Fee,Status,Customer ID\n"
META_ID = "Minggu,Nama kampanye,Nama iklan,Jumlah yang dibelanjakan (IDR),Impresi,Klik tautan,Frekuensi,CPC (biaya per klik tautan),Awal pelaporan,Akhir pelaporan\n"
META_DE = (
    "Tag,Kampagnenname,Anzeigenname,Ausgegebener Betrag (EUR),Impressionen,Reichweite,Berichtsstart,Berichtsende\n"
)
AMAZON = "amazon-order-id\tpurchase-date\torder-status\tsku\tasin\tquantity\tcurrency\titem-price\tship-country\n"
AMAZON_DAYS = (
    "Date,Ordered Product Sales,Units Ordered,Sessions - Total,Page Views - Total,Order Item Session Percentage\n"
)
AMAZON_ADS = "Date,Portfolio name,Currency,Campaign Name,Ad Group Name,Targeting,Impressions,Clicks,Click-Thru Rate (CTR),Cost Per Click (CPC),Spend,7 Day Total Sales ,Total Advertising Cost of Sales (ACOS) ,7 Day Advertised SKU Units (#),7 Day Total Orders (#)\n"
SHOPIFY = "Name,Email,Financial Status,Paid at,Currency,Created at,Lineitem quantity,Lineitem name,Lineitem price,Lineitem sku,Vendor\n"

CASES: dict[str, tuple[str, str | None, str, tuple[Any, ...]]] = {
    "the first creator of a list that has no descriptions": (
        CREATORS + 'amy,Rp1.000.000,Rp0,3,4,Rp300.000,"3,21%",2,3,1,Rp50.000\nbo,Rp20.500,Rp0,1,1,Rp20.500,"1,00%",0,1,1,Rp1.025\n',
        "tiktok-creator-analysis", "SELECT count(*), sum(gmv), sum(commission), max(date) FROM daily", (2, 1020500.0, 51025.0, "2026-07-31"),
    ),
    "a figure of creators that is new": (
        CREATORS.replace("Video,", "Video,Seller-attributed GMV,CTR live,") + "amy,Rp100,Rp0,3,4,Rp30,1%,2,Rp5.000,2%,3,1,Rp5\nbo,Rp20,Rp0,1,1,Rp20,1%,0,Rp2.500,4%,1,1,Rp1\n",
        "tiktok-creator-analysis", "SELECT sum(gmv), sum(seller_attributed_gmv), sum(commission) FROM daily", (120.0, 7500, 6.0),
    ),
    "orders of an affiliate in vietnamese": (
        AFFILIATE_VI + "O1,P1,17,9.000,Payment,VND,2,amy,Phát trực tiếp,900,01/07/2026 10:00:00\nO2,P1,17,7.500,Payment,VND,1,bo,Video,750,14/07/2026 10:00:00\n".replace("Payment", "18.000", 1).replace("Payment", "7.500"),
        "tiktok-affiliate-orders-seller", "SELECT sum(gmv), sum(units), sum(commission), max(creator_id), min(channel) FROM orders", (25500.0, 3, 1650.0, "bo", "live"),
    ),
    "sales by product in german": (
        ASIN_DE + '"B0P","B0A","Tasse","1.250","2.000","9,00 %","40","1.250,50 €"\n"B0P","B0B","Kanne","50","90","2,00 %","1","10,25 €"\n',
        "amazon-business-by-asin", "SELECT sum(sales), sum(units), sum(sessions), sum(page_views), count(DISTINCT parent_asin) FROM daily", (1260.75, 41, 1300, 2090, 1),
    ),
    "lines of an auction in german, without own article numbers": (
        EBAY_DE + '"1";"12-1";"k";"900";"2";"EUR 1.012,50";"01-Mai-26"\n"2";"12-2";"l";"901";"1";"EUR 4,90";"14-Mai-26"\n',
        "ebay-orders", "SELECT sum(gmv), sum(units), min(product_id), max(date) FROM orders", (2029.9, 3, "900", "2026-05-14"),
    ),
    "impressions of search in polish": (
        "Data,Kliknięcia,Wyświetlenia,CTR,Pozycja\n2026-07-01,5,100,5%,3.2\n2026-07-02,6,300,2%,4.5\n",
        "search-console", "SELECT sum(clicks), sum(impressions) FROM daily", (11, 400),
    ),
    "traffic of channels below its total in german": (
        "# Startdatum: 20260701\n# Enddatum: 20260731\n" + GA4_DE + "Gesamtsumme,1250,900,4400\nDirect,450,300,1400\nReferral,800,600,3000\n",
        "ga4-acquisition", "SELECT count(*), sum(sessions), sum(event_count), max(date) FROM daily", (2, 1250, 4400, "2026-07-31"),
    ),
    "ads in portuguese, of which some began before the period": (
        "Relatório de Anúncios\nPeríodo,01/07/2026 - 31/07/2026\n\n" + SHOPEE_ADS_PT
        + "1,Caneca,Em Andamento,221,01/03/2026 00:00:00,Ilimitado,1000,50,5.00%,90.50,12.25\n2,Copo,Em Andamento,222,02/07/2026 00:00:00,Ilimitado,400,8,2.00%,10.00,2.50\n",
        "shopee-ads", "SELECT sum(impressions), sum(cost), sum(ad_gmv), min(date) FROM daily", (1400, 14.75, 100.5, "2026-07-31"),
    ),
    "streams of one account, which does not name itself": (
        "Livestream name,Start time,Duration,GMV,Views,Product clicks\nA,2026-07-01 20:00,2h 3min,$10.50,100,7\nB,2026-07-01 22:00,30min,$4.25,50,2\n",
        "tiktok-live-analysis", "SELECT sum(gmv), sum(views), sum(clicks), sum(live_seconds), count(*) FROM daily", (14.75, 150, 9, 9180, 2),
    ),
    "products of a period, by where they sold": (
        "Analysis date: 13/07/2026~19/07/2026\nProduct Name,Product ID,GMV,Creator-attributed GMV,Seller product card GMV,Orders,Product impressions,Add-to-cart count,CTR\n"
        'Mug,172900,"$1,200.50",$200.00,$0.00,12,"9,000",40,3.3%\nCup,172901,$80.00,$8.00,$0.00,3,500,9,1.1%\n',
        "tiktok-shop-products", "SELECT sum(gmv), sum(orders), sum(add_to_carts), max(date) FROM daily", (1280.5, 15, 49, "2026-07-19"),
    ),
    "creators and products of an agency": (
        "Date,Creator username,Creator follower count,Product ID,Shop ID,Creator-attributed GMV,Creator-attributed orders\nSummary,-,,,,Rp3.500.000,35\n"
        "2026-07-01-2026-07-07,amy,431.936,P1,749,Rp3.000.000,30\n2026-07-01-2026-07-07,bo,1.200,P1,749,Rp500.000,5\n",
        "tiktok-mcn-report", "SELECT count(*), sum(gmv), sum(orders), max(creator_id), max(date) FROM daily", (2, 3500000.0, 35, "bo", "2026-07-01"),
    ),
    "shipments": (
        "amazon-order-id\tshipment-item-id\tpurchase-date\tpayments-date\tshipment-date\tsku\tquantity-shipped\tcurrency\titem-price\tship-country\n"
        "302-1\tD1\t2026-07-01T10:00:00+00:00\t2026-07-01T11:00:00+00:00\t2026-07-02T11:00:00+00:00\tS1\t2\tEUR\t20.50\tDE\n302-1\tD2\t2026-07-01T10:00:00+00:00\t\t2026-07-02T11:00:00+00:00\tS1\t1\tEUR\t10.25\tDE\n",
        "amazon-shipments", "SELECT count(*), sum(gmv), sum(units), sum(paid_at IS NOT NULL) FROM orders", (2, 30.75, 3, 2),
    ),
    "sales of downloads": (
        "Purchase ID,Item Name,Purchase Email,Purchase Date,Sale Price ($),Net Total ($),Partial Refund ($),Recurring Charge?\na==,Book,a@x.org,2026-07-01,29.00,26.10,0.00,0\nb==,Book,b@x.org,2026-07-02,9.00,8.10,2.00,0\n",
        "gumroad-sales", "SELECT count(*), sum(gmv), sum(refund_amount) FROM orders", (2, 38.0, 2.0),
    ),
    "orders in traditional chinese": (
        "訂單編號,訂單狀態,買家帳號,訂單成立日期,商品總價,商品原價,商品活動價格,商品選項貨號,數量,買家付款時間\nA1,完成,u,2026-07-01 10:00,900,300,200,M1,2,2026-07-01 10:05\nA2,不成立,v,2026-07-02 10:00,900,300,200,M1,1,\n",
        "shopee-orders-abroad", "SELECT count(*), sum(gmv), sum(units), sum(paid_at IS NOT NULL) FROM orders", (2, 600.0, 3, 1),
    ),
    "videos in indonesian": (
        VIDEOS + "amy,Tas,7501,2026/07/01/ 10:00,1000,10,2,150000,100,2.00%\nbo,Topi,7502,2026/07/02/ 10:00,500,4,0,0,0,1.00%\n",
        "tiktok-video-list", "SELECT count(*), sum(views), sum(gmv), min(published_at) FROM videos", (2, 1500, 150000.0, "2026-07-01T10:00:00Z"),
    ),
    "ads below labels and values": (
        "Laporan Semua Iklan - Shopee Indonesia\nUsername,tokoku\nNama Toko,Toko Ku\nID Toko,1234567\nPeriode,01/07/2026 - 31/07/2026\n\n" + SHOPEE_ADS
        + "1,Iklan A,Berjalan,29001,08/03/2026 00:00:00,1000,50,5.00%,300000,10000,30.00\n2,Iklan B,Berjalan,29002,08/03/2026 00:00:00,400,8,2.00%,50000,2500,20.00\n",
        "shopee-ads", "SELECT sum(impressions), sum(cost), max(date) FROM daily", (1400, 12500, "2026-07-31"),
    ),
    "orders in thai": (
        SHOPEE_TH + "A1,สำเร็จแล้ว,2026-07-01 10:00,2026-07-01 10:05,ก,S1,250.00,199.00,2,u\nA2,ยกเลิกแล้ว,2026-07-02 10:00,,ก,S1,250.00,199.00,1,v\n",
        "shopee-orders-abroad", "SELECT count(*), sum(gmv), sum(units), sum(paid_at IS NOT NULL) FROM orders", (2, 597.0, 3, 1),
    ),
    "orders in vietnamese, thousands of dong": (
        SHOPEE_VI + "A1,Hoàn thành,2026-07-01 10:00,2026-07-01 10:05,Túi,S1,250.000,199.000,2,u\nA2,Hoàn thành,2026-07-02 10:00,2026-07-02 10:05,Túi,S1,250.000,199.000,1,v\n",
        "shopee-orders-abroad", "SELECT count(*), sum(gmv) FROM orders", (2, 597000.0),
    ),
    "the cost of an item by its quantity": (
        WOO + "5,Completed,2026-07-01 10:00,a,4.00,60,S,1,Cup,2,7.50\n5,Completed,2026-07-01 10:00,a,4.00,60,T,2,Mug,3,10\n6,Cancelled,2026-07-02 10:00,b,0,9,S,1,Cup,1,7.50\n",
        "woocommerce-item-costs", "SELECT sum(gmv), sum(units), sum(refund_amount), sum(paid_at IS NULL) FROM orders", (52.5, 6, 4.0, 1),
    ),
    "the total of an order once": (
        "Order Number,Order Status,Order Date,Order Total Amount,SKU\n5,Completed,2026-07-01 10:00,60,S\n5,Completed,2026-07-01 10:00,60,T\n",
        "woocommerce-order-totals", "SELECT count(*), sum(gmv) FROM orders", (2, 60.0),
    ),
    "payments that failed are paid by nobody": (
        STRIPE + "ch_1,2026-07-01 10:00,20.50,0.00,usd,true,0.9,Paid,c1\nch_2,2026-07-01 11:00,20.50,0.00,usd,false,0,Failed,c2\n",
        "stripe-payments", "SELECT count(*), sum(paid_at IS NOT NULL) FROM orders", (2, 1),
    ),
    "ads by week in indonesian": (
        META_ID + "2026-07-06 - 2026-07-12,K,A,100000,9000,90,1.2,1111,2026-07-06,2026-07-19\n2026-07-13 - 2026-07-19,K,A,120000,9500,91,1.3,1111,2026-07-06,2026-07-19\n",
        "meta-ads", "SELECT sum(spend), sum(impressions), max(date) FROM daily", (220000, 18500, "2026-07-13"),
    ),
    "ads by day in german": (
        META_DE + "2026-07-01,K,A,12.50,1000,900,2026-07-01,2026-07-02\n2026-07-02,K,A,13.25,1100,950,2026-07-01,2026-07-02\n",
        "meta-ads", "SELECT sum(spend), sum(impressions) FROM daily", (25.75, 2100),
    ),
    "a report of all orders": (
        AMAZON + "305-1\t2026-07-01T10:00:00+00:00\tShipped\tS1\tB0\t2\tEUR\t39.98\tDE\n305-2\t2026-07-01T11:00:00+00:00\tCancelled\tS1\tB0\t1\tEUR\t19.99\tDE\n",
        "amazon-orders", "SELECT sum(gmv), sum(units), sum(paid_at IS NOT NULL) FROM orders", (59.97, 3, 1),
    ),
    "days of the shop's own clock": (
        SHOPIFY + "#1,a,paid,2026-05-01 00:30:45 +1000,AUD,2026-05-01 00:20:00 +1000,2,Cup,10.00,S,V\n#1,a,,,,,1,Mug,5.00,T,V\n",
        "shopify-orders", "SELECT min(date), max(date), sum(gmv) FROM orders", ("2026-05-01", "2026-05-01", 25.0),
    ),
    "sales by day of the month": (
        AMAZON_DAYS + '07/13/2026,"$1,250.50",40,"1,000","2,000",4.00%\n07/14/2026,$10.25,1,50,90,2.00%\n',
        "amazon-business-by-date", "SELECT sum(sales), sum(units), sum(sessions), max(date) FROM daily", (1260.75, 41, 1050, "2026-07-14"),
    ),
    "search terms of sponsored products": (
        AMAZON_ADS + "2026-07-01,-,EUR,C,G,mug,1000,50,0.05,0.4,20.00,100.00,20.00%,5,2\n2026-07-01,-,EUR,C,G,cup,400,8,0.02,0.5,4.00,0.00,,0,0\n",
        "amazon-ads", "SELECT sum(spend), sum(clicks), sum(sales), sum(orders) FROM daily", (24.0, 58, 100.0, 2),
    ),
    "posts of a page, by its id": (
        "status_id,status_type,status_published,num_reactions,num_comments,num_shares,num_likes,num_loves,num_wows,num_hahas,num_sads,num_angrys\n"
        "246_1,video,4/22/2018 6:00,529,512,262,432,92,3,1,1,0\n246_2,photo,4/11/2018 22:45,150,0,0,150,0,0,0,0,0\n",
        "fb-live-sellers", "SELECT min(date), sum(posts), sum(reactions), sum(likes), count(DISTINCT page), max(post_type) FROM daily",
        ("2018-04-11", 2, 679, 582, 1, "video"),
    ),
    "deals with the days first": (
        "mql_id,seller_id,sdr_id,sr_id,won_date,business_segment,lead_type,business_type\n"
        "m1,s1,a,b,03/07/2018 10:00,pet,online_medium,reseller\nm2,s2,a,b,13/07/2018 11:00,toys,industry,manufacturer\n",
        "olist-deals", "SELECT min(date), max(date), sum(deals), count(DISTINCT seller_id), min(business_segment) FROM daily",
        ("2018-07-03", "2018-07-13", 2, 2, "pet"),
    ),
    "leads of one landing page": (
        "mql_id,first_contact_date,landing_page_id,origin\nm1,02/01/2018,p1,social\nm2,03/01/2018,p1,\nm3,03/01/2018,p1,\n",
        "olist-leads", "SELECT min(date), max(date), sum(leads), count(origin), max(landing_page) FROM daily", ("2018-01-02", "2018-01-03", 3, 1, "p1"),
    ),
    "payments without their orders": (
        "order_id,payment_sequential,payment_type,payment_installments,payment_value\no1,1,voucher,1,20.00\no1,2,voucher,1,20.00\no2,1,boleto,3,5.55\n",
        "olist-payments", "SELECT date, sum(payments), sum(payment_value) FROM daily", ("2026-07-31", 3, 45.55),
    ),
    "sessions of months without a year": (
        "Administrative,Administrative_Duration,Informational,Informational_Duration,ProductRelated,ProductRelated_Duration,BounceRates,ExitRates,"
        "PageValues,SpecialDay,Month,OperatingSystems,Browser,Region,TrafficType,VisitorType,Weekend,Revenue\n"
        + "0,0,0,0,2,64.5,0.0,0.1,0,0,Feb,2,2,1,2,Returning_Visitor,FALSE,FALSE\n" * 2 + "1,5,0,0,7,20,0.0,0.1,9,0,June,2,2,1,2,New_Visitor,TRUE,TRUE\n",
        "uci-online-shoppers", "SELECT min(date), max(date), sum(sessions), sum(purchases), sum(product_pages) FROM daily", ("2017-02-01", "2017-06-01", 3, 1, 11),
    ),
    "lines below the first of an order": (
        "Order ID,Email,Financial Status,Paid at,Currency,Subtotal,Amount Refunded,Total,Created at,Lineitem quantity,Lineitem name,Lineitem price,Lineitem sku\n"
        "1,a@b.c,PAID,2026-07-01 10:00:00 -0400,USD,25.00,3.00,30.00,2026-07-01 10:00:00 -0400,2,Cup,10.00,C\n1,,,,,,,,,1,Mug,5.00,M\n",
        "squarespace-orders", "SELECT count(paid_at), sum(gmv), sum(units), sum(refund_amount), min(currency) FROM orders", (2, 25.0, 3, 3.0, "USD"),
    ),
    "hours of a day that stand in a column of their own": (
        "By Day,By Hour,Campaign name,Cost,Impressions,CTR (destination)\n" + "".join(f"2026-07-01,2026-07-01 {h:02d}:00,C,{h}.25,{h}0,1.5%\n" for h in (3, 9)) + "Total of 2 results,-,-,12.50,120,1.5%\n",
        "tiktok-ads", "SELECT sum(cost), sum(impressions), min(hour), max(hour) FROM daily", (12.5, 120, "03", "09"),
    ),
    "proceeds of one unit by the units": (
        "Provider\tSKU\tProduct Type Identifier\tUnits\tDeveloper Proceeds\tBegin Date\tCountry Code\tCurrency of Proceeds\tCustomer Price\n"
        "APPLE\ta\t1F\t3\t0.70\t07/13/2026\tUS\tUSD\t0.99\nAPPLE\ta\t1F\t-1\t0.70\t07/14/2026\tUS\tUSD\t0.99\n",
        "app-store-sales", "SELECT sum(units), sum(proceeds), max(date) FROM daily", (2, 1.4, "2026-07-14"),
    ),
    "pieces with three decimals next to amounts with commas": (
        "Период;Номенклатура;Количество;Стоимость\n01.07.2026;Чай;12,000;1 234,50\n01.07.2026;Кофе;3,000;99,25\n02.07.2026;Чай;5,000;10,00\nИтого;;20,000;1 343,75\n",
        None, "SELECT sum(units), sum(cost) FROM daily", (20, 1343.75),
    ),
    "one column by another, the costs of something and how long visits last": (
        "Day,Cost,Conversions,Cost / conv.,eCPSU,visit_duration,Found/Lost\n" + "".join(f"2026-07-{d:02d},{d}.50,{d},1.5{d % 2},.3,95,2\n" for d in range(1, 13)),
        None, "SELECT group_concat(name, ' ') FROM daily_measures WHERE unit = 'rate'", ("cost_conv ecpsu visit_duration",),
    ),
    "entries of accounts, whose customers and centres are numbers": (
        "Posting Date,Document Number,Customer,Profit Center,Document Type,Amount\n" + "".join(f"2026-07-0{1 + n // 4},19000000{n:02d},1010000{n % 3},500{n % 2},{n % 2},{n}.50\n" for n in range(12)),
        None, "SELECT group_concat(name, ' ') FROM daily_measures", ("amount events",),
    ),
    "events by their own time, not by that of the install": (
        "Install Time,Event Time,Event Revenue,Device ID\n" + "".join(f"2026-07-0{1 + n // 4} 10:00:0{n % 4},2026-07-0{4 + n // 4} 11:12:1{n % 4},{n}.50,x-{n}a\n" for n in range(12)),
        None, "SELECT min(date), max(date), sum(event_revenue) FROM daily", ("2026-07-04", "2026-07-06", 72.0),
    ),
    "tickets with the time that each took": (
        "Ticket ID,Created,First reply time (min),Tickets\n" + "".join(f"{30_000 + 7 * n},2026-07-0{1 + n // 4},{5 + n},1\n" for n in range(12)),
        None, "SELECT group_concat(name, ' ') FROM daily_measures WHERE unit = 'rate'", ("first_reply_time_min",),
    ),
    "shares under any name, next to what they are shares of": (
        "Дата,Визиты,Отказы,Active View Viewable,Fee,Weight\n" + "".join(f"2026-07-{d:02d},{400 + 7 * d},0.{17 + d},0.6{d},0.{d},{d}.5\n" for d in range(1, 13)),
        None, "SELECT group_concat(name, ' ') FROM daily_measures WHERE unit = 'rate'", ("отказы active_view_viewable",),
    ),
    "amounts of a thousand views in chinese": (
        "直播时间,观看人数,成交金额(元),千次观看成交金额\n" + "".join(f"2026-07-{d:02d},{500 + 9 * d % 50},{1000 + 71 * d % 400}.5,{2000 + 37 * d % 90}.1\n" for d in range(1, 13)),
        None, "SELECT group_concat(name, ' ') FROM daily_measures WHERE unit = 'rate'", ("千次观看成交金额",),
    ),
    "sessions by day are of no system": ("Day,Sessions\n2026-07-01,5\n2026-07-02,6\n", None, "SELECT sum(sessions) FROM daily", (11,)),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_a_known_system_gives_the_figures_counted_by_hand(tmp_path: Path, name: str) -> None:
    text, preset, sql, expected = CASES[name]
    (file,) = loads(tmp_path, text, "export_20260731.csv").files
    assert (file.preset, file.rejected) == (preset, 0)
    assert figures(tmp_path, sql) == tuple(
        pytest.approx(value) if isinstance(value, float) else value for value in expected
    )


def test_the_clock_of_the_shop_is_said_and_a_zone_comes_before_it(tmp_path: Path) -> None:
    text = CASES["days of the shop's own clock"][0]
    assert "its days are those of the shop's own clock (+1000)" in loads(tmp_path, text).files[0].notes
    (tmp_path / "zoned").mkdir()
    (tmp_path / "zoned" / "whydrop.toml").write_text('[time]\ndefault = "America/New_York"\n')
    loads(tmp_path / "zoned", text)
    assert figures(tmp_path / "zoned", "SELECT max(date) FROM orders") == ("2026-04-30",)


def test_lines_of_orders_are_no_days(tmp_path: Path) -> None:
    for name in ("order-id", "Invoice Number", "OrderNo", "Receipt #"):
        text = f"{name},Purchased on,Amount\n" + "".join(f"A{at},{day},5\n" for at, day in enumerate(days(3)))
        with pytest.raises(UsageError, match="look like orders"):
            loads(tmp_path, text)


def test_what_tells_each_preset_is_read_as_its_file_is_parsed() -> None:
    for head in preset_heads():
        mapping = preset(head.name)
        assert mapping.name == head.name
        assert (mapping.settings.kind.name, mapping.recognised_by, mapping.telling) == (
            head.kind,
            head.recognised_by,
            head.telling,
        )
        assert (mapping.sections, len(mapping.parts)) == (head.sections, len(head.parts))
    assert set(presets()) == {head.name for head in preset_heads()}


@pytest.mark.parametrize(("offset", "said"), [("+07:00", True), ("Z", False), ("+00:00", False)])
def test_moments_of_another_clock_than_that_of_the_days_are_named(tmp_path: Path, offset: str, said: bool) -> None:
    rows = "".join(f"o{at},2026-07-{at:02d}T02:00:00{offset},5\n" for at in range(1, 10))
    (file,) = loads(tmp_path, "order_id,ordered_at,gmv\n" + rows).files
    assert any(note.startswith("its moments are of +07:00, its days are those of UTC") for note in file.notes) is said


def test_the_order_of_presets_decides_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("core.ingest.recognition.preset_heads", lambda: preset_heads()[::-1])
    found: dict[str, str | None] = {}
    for number, (name, (text, *_)) in enumerate([*CASES.items(), *OTHERS.items()][::3]):
        source = tmp_path / f"{number}_20260731.csv"
        source.write_bytes(text if isinstance(text, bytes) else text.encode())
        try:
            found[name] = loads(tmp_path, source.read_bytes(), source.name, dry_run=True).files[0].preset
        except UsageError:
            continue
    assert len(found) > 15
    assert found == {name: (CASES.get(name) or OTHERS[name])[1] for name in found}


@pytest.mark.parametrize(("hours", "said"), [("17", "17:00"), ("4,5", "04:00"), ("0", None), ("9,17", None)])
def test_days_that_begin_at_midnight_elsewhere_are_named(tmp_path: Path, hours: str, said: str | None) -> None:
    begins = [int(hour) for hour in hours.split(",")]
    moments = [f"{day}T{begins[at * len(begins) // 8]:02d}:00:00.000Z" for at, day in enumerate(days(8))]
    notes = loads(tmp_path, "day,orders\n" + "".join(f"{moment},5\n" for moment in moments)).files[0].notes
    named = [note for note in notes if "midnight in another time zone" in note]
    assert [note.split(" begin at ")[1].split(" ")[0] for note in named] == ([said] if said else [])


def test_of_several_columns_of_days_the_one_that_counts_is_named(tmp_path: Path) -> None:
    rows = "".join(f"{n},2026-06-0{n},2026-07-0{n},{n}.50\n" for n in range(1, 9))
    notes = loads(tmp_path, "Deal ID,Create Date,Close Date,Amount\n" + rows).files[0].notes
    assert "its days are those of 'Create Date', not of Close Date" in notes


def test_figures_of_posts_since_they_were_published_are_no_days(tmp_path: Path) -> None:
    rows = "".join(f"笔记 {n},2026-06-{n:02d},{n}00,{n}\n" for n in range(1, 13))
    assert loads(tmp_path, "笔记标题,首次发布时间,曝光,点赞\n" + rows).files[0].kind == "videos"
    assert figures(tmp_path, "SELECT sum(impressions), sum(likes) FROM videos") == (7800, 78)


def test_orders_without_a_column_of_payments_are_paid_unless_their_state_says_no(tmp_path: Path) -> None:
    header = "Mã đơn hàng,Ngày đặt hàng,SKU phân loại hàng,Tên sản phẩm,Số lượng,Giá ưu đãi,Trạng thái đơn hàng\n"
    rows = "A,15/08/2026 10:30,S1,Tee,2,1.290.000,Hoàn thành\nB,16/08/2026 11:30,S1,Tee,1,1.290.000,Đã hủy\n"
    report = loads(tmp_path, header + rows)
    assert report.files[0].preset == "shopee-orders-abroad"
    assert figures(tmp_path, "SELECT count(*), sum(gmv), min(order_id) FROM orders WHERE paid_at IS NOT NULL") == (
        1,
        2_580_000,
        "A",
    )
