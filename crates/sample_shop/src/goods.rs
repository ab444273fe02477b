use vocabulary::Money;

use crate::words::Lang;

/// Something on the shelf. Prices include VAT unless the good is tax free.
pub struct Good {
    pub slug: &'static str,
    name: [&'static str; 2],
    about: [&'static str; 2],
    detail: [&'static str; 2],
    pub price: Money,
    /// 면세: books bear no VAT.
    pub tax_free: bool,
    /// So few that the stock is checked after the shopper agreed and before any money moves.
    pub checked_before_sale: bool,
    stock: u32,
}

impl Good {
    pub fn name(&self, lang: Lang) -> &'static str {
        lang.pick(self.name)
    }
    pub fn about(&self, lang: Lang) -> &'static str {
        lang.pick(self.about)
    }
    pub fn detail(&self, lang: Lang) -> &'static str {
        lang.pick(self.detail)
    }
    pub fn find(slug: &str) -> Option<&'static Good> {
        GOODS.iter().find(|good| good.slug == slug)
    }
}

impl PartialEq for Good {
    fn eq(&self, other: &Good) -> bool {
        self.slug == other.slug
    }
}

/// Most of one good in one order.
pub const QUANTITY_MAX: u32 = 9;

/// From this sum on Korean cards take instalments.
pub const INSTALMENT_FROM: Money = Money::krw(50_000);

pub static GOODS: [Good; 6] = [
    Good {
        slug: "pencils",
        name: ["삼나무 연필 다섯 자루", "Five cedar pencils"],
        about: ["향이 남는 부드러운 연필", "Soft pencils that keep their scent"],
        detail: [
            "기름을 먹이지 않은 삼나무로 깎았습니다. 심은 B, 길이는 17.5cm입니다.",
            "Cut from unoiled cedar. B leads, 17.5 cm long.",
        ],
        price: Money::krw(6_500),
        tax_free: false,
        checked_before_sale: false,
        stock: 500,
    },
    Good {
        slug: "notebook",
        name: ["한지 공책", "Hanji notebook"],
        about: ["실로 묶은 96쪽", "96 pages, bound with thread"],
        detail: [
            "번짐이 적은 한지를 다섯 구멍으로 묶었습니다. 완전히 펼쳐집니다.",
            "Mulberry paper that does not bleed, bound through five holes. Lies flat.",
        ],
        price: Money::krw(12_000),
        tax_free: false,
        checked_before_sale: false,
        stock: 500,
    },
    Good {
        slug: "tea",
        name: ["하동 세작 녹차 40g", "Hadong green tea, 40 g"],
        about: ["오월에 딴 어린잎", "Young leaves picked in May"],
        detail: [
            "70도 물에 2분 우리면 가장 맛있습니다. 종이통에 담아 보냅니다.",
            "Best at 70 °C for two minutes. Comes in a paper caddy.",
        ],
        price: Money::krw(18_000),
        tax_free: false,
        checked_before_sale: false,
        stock: 500,
    },
    Good {
        slug: "book",
        name: ["책 「강을 건너는 법」", "Book: How to Cross a River"],
        about: ["나루터를 찾아다닌 산문", "Essays from old ferry landings"],
        detail: [
            "사라진 나루터 열두 곳을 걸어서 찾아간 기록입니다. 책은 부가세가 면제됩니다.",
            "Twelve lost ferry landings, found on foot. In Korean. Books bear no VAT.",
        ],
        price: Money::krw(15_000),
        tax_free: true,
        checked_before_sale: false,
        stock: 500,
    },
    Good {
        slug: "table",
        name: ["호두나무 찻상", "Walnut tea table"],
        about: ["두 사람이 앉는 낮은 상", "A low table for two"],
        detail: [
            "못 없이 짜 맞춘 상입니다. 가로 52cm, 높이 21cm. 카드 할부로도 살 수 있습니다.",
            "Joined without nails, 52 cm wide and 21 cm high. Cards may pay in instalments.",
        ],
        price: Money::krw(89_000),
        tax_free: false,
        checked_before_sale: false,
        stock: 500,
    },
    Good {
        slug: "cup",
        name: ["손으로 빚은 찻잔", "Hand-thrown tea cup"],
        about: ["가마에서 나온 몇 점", "A few pieces from one firing"],
        detail: [
            "한 가마에서 나온 잔이라 수가 적습니다. 결제 직전에 재고를 확인하고, 없으면 결제되지 않습니다.",
            "One small firing, so few pieces. Stock is checked just before payment; if it is gone, you are not charged.",
        ],
        price: Money::krw(42_000),
        tax_free: false,
        checked_before_sale: true,
        stock: 3,
    },
];

/// How many of each good are left to sell.
pub struct Shelf([u32; GOODS.len()]);

impl Shelf {
    pub fn stocked() -> Shelf {
        Shelf(GOODS.each_ref().map(|good| good.stock))
    }

    pub fn left(&self, good: &Good) -> u32 {
        place(good).map_or(0, |place| self.0[place])
    }

    /// Takes all of them or none.
    pub fn take<'a>(&mut self, wanted: impl Iterator<Item = (&'a Good, u32)> + Clone) -> bool {
        if wanted.clone().any(|(good, count)| self.left(good) < count) {
            return false;
        }
        for (good, count) in wanted {
            if let Some(place) = place(good) {
                self.0[place] -= count;
            }
        }
        true
    }

    pub fn put_back(&mut self, good: &Good, count: u32) {
        if let Some(place) = place(good) {
            self.0[place] += count;
        }
    }
}

fn place(good: &Good) -> Option<usize> {
    GOODS.iter().position(|other| other == good)
}
