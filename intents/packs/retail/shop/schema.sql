CREATE TABLE customers (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    language TEXT NOT NULL CHECK (language IN ('en', 'zh')),
    phone TEXT NOT NULL UNIQUE CHECK (length(phone) = 11),
    level TEXT NOT NULL CHECK (level IN ('basic', 'silver', 'gold')),
    points INTEGER NOT NULL CHECK (points >= 0)
) STRICT;

CREATE TABLE products (
    sku TEXT PRIMARY KEY,
    kind TEXT NOT NULL,
    name_en TEXT NOT NULL,
    name_zh TEXT NOT NULL,
    price INTEGER NOT NULL CHECK (price > 0),
    facts_en TEXT NOT NULL,
    facts_zh TEXT NOT NULL,
    warranty_months INTEGER NOT NULL
) STRICT;

CREATE TABLE product_names (
    name TEXT PRIMARY KEY,
    sku TEXT NOT NULL REFERENCES products (sku)
) STRICT;

CREATE TABLE stock (
    sku TEXT NOT NULL REFERENCES products (sku),
    color TEXT NOT NULL,
    size TEXT NOT NULL DEFAULT '',
    quantity INTEGER NOT NULL CHECK (quantity >= 0),
    back_on TEXT,
    position INTEGER NOT NULL,
    PRIMARY KEY (sku, color, size)
) STRICT;

CREATE TABLE orders (
    number TEXT PRIMARY KEY CHECK (number GLOB 'HL[0-9][0-9][0-9][0-9][0-9][0-9][0-9][0-9]'),
    customer_id TEXT NOT NULL REFERENCES customers (id),
    status TEXT NOT NULL
        CHECK (status IN ('unpaid', 'preparing', 'shipped', 'delivered', 'cancelled', 'returned')),
    placed_at TEXT NOT NULL,
    shipping INTEGER NOT NULL,
    discount INTEGER NOT NULL,
    paid INTEGER NOT NULL,
    voucher_code TEXT,
    payment_en TEXT NOT NULL,
    payment_zh TEXT NOT NULL,
    address TEXT NOT NULL
) STRICT;
CREATE INDEX orders_of_customer ON orders (customer_id, placed_at);

CREATE TABLE lines (
    order_number TEXT NOT NULL REFERENCES orders (number),
    position INTEGER NOT NULL,
    sku TEXT NOT NULL,
    color TEXT NOT NULL,
    size TEXT NOT NULL DEFAULT '',
    quantity INTEGER NOT NULL CHECK (quantity > 0),
    price INTEGER NOT NULL,
    PRIMARY KEY (order_number, position),
    FOREIGN KEY (sku, color, size) REFERENCES stock (sku, color, size)
) STRICT;

CREATE TABLE shipments (
    order_number TEXT PRIMARY KEY REFERENCES orders (number),
    carrier_en TEXT NOT NULL,
    carrier_zh TEXT NOT NULL,
    tracking_no TEXT NOT NULL UNIQUE,
    shipped_on TEXT NOT NULL,
    scanned_on TEXT NOT NULL,
    scan_en TEXT NOT NULL,
    scan_zh TEXT NOT NULL,
    expected_on TEXT NOT NULL,
    delivered_on TEXT,
    place_en TEXT,
    place_zh TEXT
) STRICT;

CREATE TABLE returns (
    number TEXT PRIMARY KEY,
    order_number TEXT NOT NULL UNIQUE REFERENCES orders (number),
    reason TEXT NOT NULL,
    requested_on TEXT NOT NULL,
    checked_on TEXT
) STRICT;

CREATE TABLE refunds (
    order_number TEXT PRIMARY KEY REFERENCES orders (number),
    amount INTEGER NOT NULL CHECK (amount > 0),
    expected_on TEXT NOT NULL,
    done_on TEXT
) STRICT;

CREATE TABLE vouchers (
    customer_id TEXT NOT NULL REFERENCES customers (id),
    code TEXT NOT NULL,
    amount INTEGER NOT NULL DEFAULT 0,
    percent INTEGER NOT NULL DEFAULT 0,
    minimum INTEGER NOT NULL DEFAULT 0,
    valid_until TEXT NOT NULL,
    PRIMARY KEY (customer_id, code)
) STRICT;

CREATE TABLE invoices (
    order_number TEXT PRIMARY KEY REFERENCES orders (number),
    title TEXT NOT NULL,
    tax_number TEXT,
    email TEXT NOT NULL,
    requested_on TEXT NOT NULL
) STRICT;

-- Wrong tries of visitors who are not signed in; step makes a repeated request count once.
CREATE TABLE attempts (
    visitor TEXT NOT NULL,
    order_number TEXT NOT NULL,
    at TEXT NOT NULL,
    step TEXT UNIQUE
) STRICT;
CREATE INDEX attempts_by_order ON attempts (order_number, at);
CREATE INDEX attempts_by_visitor ON attempts (visitor, at);

-- What was already done, by the key of the request: a repeated one gets the stored result.
CREATE TABLE applied (
    idempotency_key TEXT PRIMARY KEY,
    result TEXT NOT NULL,
    at TEXT NOT NULL
) STRICT;
