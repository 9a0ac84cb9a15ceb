//! Kinds of place a camera can cover: a closed list, so that a form asks and the law can answer. Which pack forbids which kind
//! stands in the packs; here are only the kinds, their names and whether the public comes there.

use base::Text;
use serde::{Deserialize, Serialize};

macro_rules! places {
    ($($(#[$doc:meta])* $kind:ident $key:literal $zh:literal $en:literal $class:ident),+ $(,)?) => {
        /// Kind of place a camera covers (A-8-2, A-14, B-13-1, B-15, Order 799 arts. 7 and 8).
        #[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug, Serialize, Deserialize)]
        pub enum PlaceKind {
            $($(#[$doc])* #[serde(rename = $key)] $kind,)+
        }

        impl PlaceKind {
            /// All kinds, in the order shown.
            pub const ALL: &'static [Self] = &[$(Self::$kind),+];

            /// Name for people.
            #[must_use]
            pub const fn name(self) -> Text {
                match self { $(Self::$kind => Text::new($zh, $en),)+ }
            }

            /// Word in packs, policies, forms and the database.
            #[must_use]
            pub const fn key(self) -> &'static str {
                match self { $(Self::$kind => $key,)+ }
            }

            const fn class(self) -> Class {
                match self { $(Self::$kind => Class::$class,)+ }
            }
        }
    };
}

/// Who comes there.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Class {
    /// 社会公共区域: open public area.
    Area,
    /// A part of premises that the public enters.
    Open,
    /// A part of premises for staff only.
    Staff,
    /// A place of privacy.
    Private,
}

places! {
    /// 广场.
    Square "square" "广场" "square" Area,
    /// 公园.
    Park "park" "公园" "park" Area,
    /// 主要道路、治安复杂区域路段.
    Road "road" "道路" "road" Area,
    /// 路口.
    Intersection "intersection" "路口" "intersection" Area,
    /// 地下通道.
    Underpass "underpass" "地下通道" "underground passage" Area,
    /// 过街天桥.
    Footbridge "footbridge" "过街天桥" "footbridge" Area,
    /// 隧道.
    Tunnel "tunnel" "隧道" "tunnel" Area,
    /// 大型桥梁.
    Bridge "bridge" "大型桥梁" "large bridge" Area,
    /// 轨道交通.
    RailTransit "rail_transit" "轨道交通" "rail transit" Area,
    /// 高速公路.
    Expressway "expressway" "高速公路" "expressway" Area,
    /// 出入口.
    Entrance "entrance" "出入口" "entrance" Open,
    /// 大厅.
    Lobby "lobby" "大厅" "lobby" Open,
    /// 走廊.
    Corridor "corridor" "走廊" "corridor" Open,
    /// 楼梯.
    Stairs "stairs" "楼梯" "stairs" Open,
    /// 电梯.
    Lift "lift" "电梯" "lift" Open,
    /// 柜台、收银台.
    Counter "counter" "柜台" "counter" Open,
    /// 营业场所.
    SalesFloor "sales_floor" "营业场所" "sales floor" Open,
    /// 餐厅大堂.
    DiningHall "dining_hall" "餐厅大堂" "dining hall" Open,
    /// 候车(机、船)厅.
    WaitingHall "waiting_hall" "候车厅" "waiting hall" Open,
    /// 停车场.
    Parking "parking" "停车场" "car park" Open,
    /// 院落.
    Yard "yard" "院落" "yard" Open,
    /// 公共交通工具.
    Vehicle "vehicle" "公共交通工具" "public transport vehicle" Open,
    /// 周界.
    Perimeter "perimeter" "周界" "perimeter" Staff,
    /// 办公室.
    Office "office" "办公室" "office" Staff,
    /// 教室.
    Classroom "classroom" "教室" "classroom" Staff,
    /// 库房.
    Warehouse "warehouse" "库房" "warehouse" Staff,
    /// 金库、贵重物品存放处.
    Vault "vault" "金库" "vault" Staff,
    /// 设备机房.
    PlantRoom "plant_room" "设备机房" "plant room" Staff,
    /// 监控室.
    ControlRoom "control_room" "监控室" "control room" Staff,
    /// 宾馆客房.
    GuestRoom "guest_room" "宾馆客房" "hotel guest room" Private,
    /// 餐饮包间.
    PrivateDiningRoom "private_dining_room" "包间" "private dining room" Private,
    /// 集体宿舍的寝室.
    Dormitory "dormitory" "集体宿舍寝室" "dormitory room" Private,
    /// 单位内部人员休息室.
    StaffRestRoom "staff_rest_room" "员工休息室" "staff rest room" Private,
    /// 公共浴室.
    Bath "bath" "公共浴室" "public bath" Private,
    /// 更衣室.
    ChangingRoom "changing_room" "更衣室" "changing room" Private,
    /// 卫生间.
    Toilet "toilet" "卫生间" "toilet" Private,
    /// 哺乳室.
    NursingRoom "nursing_room" "哺乳室" "nursing room" Private,
    /// 试衣间.
    FittingRoom "fitting_room" "试衣间" "fitting room" Private,
    /// 其他涉及他人隐私的场所.
    OtherPrivate "other_private" "其他涉及他人隐私的场所" "another place of privacy" Private,
}

impl PlaceKind {
    /// Whether the public comes there, so that footage of it is footage of a public place (公共场所; B-16, Order 799 art. 2).
    #[must_use]
    pub const fn covers_public_place(self) -> bool {
        matches!(self.class(), Class::Area | Class::Open)
    }

    /// Whether it is a social public area (社会公共区域; A-8-2, B-13-1). Local government may add areas (B-14-2).
    #[must_use]
    pub const fn is_social_public_area(self) -> bool {
        matches!(self.class(), Class::Area)
    }

    /// Whether it is a place of privacy in everyday words. Which of them a law forbids, and since when, the gate answers.
    #[must_use]
    pub const fn is_private(self) -> bool {
        matches!(self.class(), Class::Private)
    }

    /// Reads the word of [`PlaceKind::key`]; `None` for any other.
    #[must_use]
    pub fn parse(key: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|kind| kind.key() == key)
    }
}
