"""What exports call the columns of order lines, and what their states say."""

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
    *("number of items", "count"),
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
PAID = ("paid at", "order paid time", "payment time", "date paid", "paid date", "payment date", "paid time")
COMMISSIONS = ("commission", "estimated commission", "est. commission amount", "standard commission")
CREATORS = ("creator username", "creator handle", "creator", "affiliate username")
BUYERS = ("buyer", "customer id", "customerid", "customer", "buyer username", "email", "customer email")
PLACES = ("country", "ship country", "shipping country", "market", "billing country")
CURRENCIES = ("currency", "currency code", "paid currency")
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
