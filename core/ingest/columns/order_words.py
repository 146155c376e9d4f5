"""What exports call the columns of order lines, and what their states say."""

from collections.abc import Mapping

IDS = (
    "order id",
    "order_id",
    "order number",
    "order no.",
    "order no",
    "invoiceno",
    "invoice no",
    "invoice number",
    "invoice",
    "transaction id",
    "payment id",
    "id",
)
PRODUCTS = (
    "sku",
    "sku id",
    "product id",
    "product_id",
    "stockcode",
    "item number",
    "listing id",
    "item id",
    "goods id",
    "spu id",
    "asin",
    "lineitem sku",
    "product name",
    "item name",
    "lineitem name",
    "product",
    "item title",
)
UNITS = (
    *("quantity", "qty", "units", "lineitem quantity", "total quantity", "total order quantity", "items"),
    *("number of items", "count", "goods num", "buy num", "item num", "product num", "sku num"),
)
LINE_AMOUNTS = (
    "item total",
    "line total",
    "sku subtotal after discount",
    "product subtotal",
    "sku total price",
    "line amount",
    "total item price",
    "item revenue",
    "subtotal",
    "amount",
    "gross amount",
    "gross",
    "net amount",
    "total price",
    "total",
    "sales",
    "revenue",
    "price paid",
    *("pay amount", "pay amt", "paid amount", "paid amt", "payment amount", "item amount", "sku amount"),
)
ORDER_AMOUNTS = (
    "order total",
    "order total amount",
    "grand total",
    "order amount",
    "order value",
    "total paid",
    "order price",
    "invoice amount",
)
"""Amounts of an order, which each of its lines repeats."""
PRICES = (
    "price",
    "unit price",
    "unitprice",
    "item price",
    "sold for",
    "lineitem price",
    "wholesale price",
    "item cost",
    "selling price",
    "sale price",
    "offer price",
    "product price",
    "price per unit",
    "price each",
    "price per item",
    "selling price per item",
    "sku value",
    "sku price",
)
PAID = (
    *("paid at", "order paid time", "payment time", "date paid", "paid date", "payment date", "paid time", "pay time"),
    *("pay date", "paid on", "payed at"),
)
OTHERS: Mapping[str, tuple[str, ...]] = {
    "product_id": PRODUCTS,
    "buyer_id": (
        *("buyer", "customer id", "customerid", "customer", "buyer username", "email", "customer email", "buyer id"),
        *("user id", "member id", "uid", "client id"),
    ),
    "market": ("country", "ship country", "shipping country", "market", "billing country", "country code"),
    "currency": ("currency", "currency code", "paid currency"),
    "creator_id": (
        *(
            "creator username",
            "creator handle",
            "creator",
            "affiliate username",
            "creator id",
            "affiliate id",
            "anchor id",
        ),
        *("anchor", "host id", "live host", "streamer id", "streamer", "influencer id", "influencer", "kol id", "kol"),
    ),
    "seller_id": (
        *(
            "seller id",
            "shop id",
            "store id",
            "merchant id",
            "vendor id",
            "seller",
            "shop",
            "store",
            "merchant",
            "vendor",
        ),
        *("seller name", "shop name", "store name", "merchant name", "vendor name"),
    ),
    "channel": (
        *("channel", "scene", "order channel", "sales channel", "traffic source", "traffic channel", "biz type"),
        "content source",
    ),
    "category": ("category", "category name", "product category", "cate", "cate name", "cate lv1", "category lv1"),
    "device": ("device", "device type", "os"),
    "ship_by": ("ship by", "latest ship time", "latest ship date", "ship deadline", "dispatch by", "ship by date"),
    "shipped_at": (
        *("shipped at", "shipped time", "shipped date", "ship time", "ship date", "date shipped", "shipped on"),
        *("dispatch time", "dispatched at"),
    ),
    "promised_by": (
        *("promised by", "promise time", "promised time", "promised date", "promised at", "estimated delivery date"),
        *("estimated delivery", "expected delivery", "expected delivery date", "latest delivery date"),
    ),
    "delivered_at": (
        *("delivered at", "delivered time", "delivered date", "deliver time", "date delivered", "delivered on"),
        *("received at", "received time", "sign time"),
    ),
    "cancelled_at": ("cancelled at", "canceled at", "cancelled time", "cancel time", "canceled time", "cancelled date"),
    "refunded_at": ("refunded at", "refund time", "refund date", "refunded time", "refunded date"),
    "refund_amount": ("refund amount", "refunded amount", "refund amt", "amount refunded"),
    "refund_reason": ("refund reason", "return reason"),
    "commission": ("commission", "estimated commission", "est. commission amount", "standard commission"),
}
"""What else an order has, by the contract's names."""
STATES = (
    *(
        "order status",
        "order_status",
        "status",
        "payment status",
        "financial status",
        "state",
        "estado",
        "situação",
    ),
    *(
        "statut",
        "état",
        "stato",
        "状态",
        "狀態",
        "ステータス",
        "상태",
        "สถานะ",
        "trạng thái",
        "статус",
        "состояние",
        "durum",
        "stan",
    ),
)
"""Words in the name of a column that says what became of an order, the surest first."""
PAYMENTS = (
    "payment",
    "financial",
    "zahlung",
    "paiement",
    "pago",
    "pagamento",
    "pembayaran",
    "ชำระ",
    "thanh toán",
    "оплат",
)
OWED = frozenset(
    (
        *(
            "open",
            "pending",
            "outstanding",
            "due",
            "overdue",
            "authorized",
            "offen",
            "ausstehend",
            "en attente",
            "pendiente",
        ),
        *("pendente", "in attesa", "menunggu", "tertunda", "chờ", "ожидает"),
    )
)
"""States of a payment that was not made yet; as states of an order they say nothing of it."""
