//! What a defect of a pack is called and what to do about it, in both languages: the words of [`PackError`] are English and exact, a
//! lawyer reads these beside them.
//!
//! Always true: every error has both sentences; a message that no row knows is told as it stands, with the general advice. Names in the
//! message (between back quotes) stand in the Chinese sentence too.

use crate::PackError;
use base::Text;

/// Part of a message; the defect in Chinese; what to do.
struct Row(&'static str, &'static str, &'static str, &'static str);

/// The first row whose part is in the message is taken: the more exact stand first.
#[rustfmt::skip]
const ROWS: &[Row] = &[
    Row("text.md changed", "条文文本已经改动，与核对时的校验值不同", "重新核对各条，再把 pack.toml 的 text_sha256 改为所示的值。", "Read its clauses again, then set `text_sha256` in pack.toml to the value shown."),
    Row("is no jurisdiction of this program", "本程序没有这个适用地域", "改用所列的词；新增省份须在 law/jurisdictions.toml 写一行，并重新编译程序。", "Use one of the words listed; a new province is a row of law/jurisdictions.toml and a new build."),
    Row("is not the one this program was built with", "适用地域与本程序编译时的不同", "恢复为程序自带的那一行（jifang law export），或者用改过的表重新编译程序。", "Take the program's row again (`jifang law export`), or build the program with the changed one."),
    Row("is filled in", "表单字段所在的步骤不存在", "改用本程序的步骤或者结果。", "Name a step or outcome of this procedure."),
    Row("is no word of a-z", "编号写法不对", "编号用小写英文字母、数字和下划线，字母开头。", "An id is of small letters, digits and underscores, a letter first."),
    Row("is not kept when", "unkept 所写的选择或者答案不对", "改用同一步骤中必填的选择及其答案。", "Name a required choice of the same step, and answers of it."),
    Row("is not always kept", "不一定保存的字段不能必填", "写 required = false，或者删去 unkept。", "Write `required = false`, or take `unkept` out."),
    Row("`choices` stand with", "选项与字段种类不符", "kind = \"choice\" 的写 choices，其他的不写。", "Write `choices` where the kind is `choice`, and nowhere else."),
    Row("choices: there are from", "选项太少或者太多", "增加或者减少选项，或者换一种字段。", "Add or take away choices, or use another kind."),
    Row("too long to be read", "名称或者说明太长", "写短一些。", "Make it shorter."),
    Row("`most` says nothing", "这种字段的长度是固定的", "删去 most。", "Take `most` out."),
    Row("`most` lies in", "上限超出允许的范围", "改用所示范围内的数。", "Use a number of the range shown."),
    Row("and therefore `personal", "个人信息没有标明", "写 personal = true。", "Write `personal = true`."),
    Row("personal and never public", "个人信息不得列入公开登记", "删去 public；需要公开的，另设一个不含个人信息的字段。", "Take `public` out; what is to be public goes into another field without personal data."),
    Row("is public and names no register", "公开的字段没有写登记", "写明 registers。", "Name `registers`."),
    Row("is in no outcome of the procedure", "没有一个结果记入该登记", "改正登记的词，或者在结果的 registers 中写入。", "Correct the register, or add it to an outcome."),
    Row("named for the day of a step", "字段以步骤的日期命名，种类却不是日期", "写 kind = \"day\"，或者改名。", "Write `kind = \"day\"`, or give it another id."),
    Row("the sample of field", "填写示例不能填入该字段", "按字段的种类和上限改正 sample。", "Correct `sample` so that it fits kind and limit."),
    Row("`viewing`", "viewing 与程序的结论、步骤或者字段不相符", "核对 outcome、step、scope、privacy、days 和由答复填写的字段。", "Check outcome, step, scope, privacy, days and the fields that the answer fills in."),
    Row("`panel`", "panel 与程序的步骤、字段、结果或者名册不相符", "核对 step、when、least、count、opinions、passed、failed、apart 和名册的各栏。", "Check step, when, least, count, opinions, passed, failed, apart and the columns of the register."),
    Row("fills in such a column", "filter 所写的栏没有表单或者程序填写", "改用该登记簿的表单或者程序中的行政区划或者选择。", "Name a division or a choice that a form or procedure of this register fills in."),
    Row("`subject` names", "subject 所指的字段不能代表本件", "改用第一步中必填、不含个人信息的一行文字或者选择。", "Name a required line or choice of the first step that is not personal."),
    Row("says with `subject`", "没有写明以哪个字段代表本件", "写上 subject。", "Add `subject`."),
    Row("`hold` names", "hold 所指的字段不能确定要封存的录像", "改用第一步中不含个人信息的字段：单位、地点、时间用一行文字，日期用日期。", "Name fields of the first step that are not personal: lines for unit, place and time, a day for the day."),
    Row("`exclude`", "exclude 所写的结果、回答或者说明不对", "结果用本程序的；回答用此前步骤的选择或者是否；四句说明都写。", "Name an outcome, answers of a choice or question of a step before it, and all four sentences."),
    Row("`expected`", "expected 所写的程序、结果或者说明不对", "结果用那个程序的；ended 用本程序中记入登记簿的结果；两种语言都写。", "Name an outcome of that procedure, outcomes of this one that enter a register, and both sentences."),
    Row("`on_register`", "on_register 所写的字段、登记簿或者说明不对", "编号用本程序必填的一行文字，日期用必填的日期；登记簿须有表单，其栏是公开的一行文字；only 用其中必填的选择；四句说明都写。", "Name a required line and a required day of this procedure, a public line of a register that has a form, answers of a required choice of it, and all four sentences."),
    Row("`row_state`", "row_state 所写的登记簿、词或者说明不对", "登记簿用本程序的结果记入的；word 用小写字母，同一登记簿中同一个词的说法各程序一致，不同的词说法不同；各句两种语言都写。", "Name a register that an outcome of the procedure enters and a word of small letters; one word says the same in every procedure of a register, two words never do; write each text in both languages."),
    Row("`not_in_force`", "not_in_force 所写的结果、登记簿或者状态不对", "结果用本程序的，登记簿用该结果记入的，每个只写一次；状态两种语言都写。", "Name an outcome of this procedure and registers that it enters, each once, and write the state in both languages."),
    Row("is no code: six digits", "行政区划代码不是六位数字", "改正代码（GB/T 2260）。", "Correct the code (GB/T 2260)."),
    Row("stands after a higher code", "行政区划没有按代码排列，或者重复", "按代码从小到大排列，每个只写一次。", "Sort by code, each once."),
    Row("has no name in one language", "行政区划缺少名称", "两种语言都写。", "Write both languages."),
    Row("which is not listed", "行政区划所属的市、省没有列出", "先写入所属的市、省。", "Write the city and the province that it lies in first."),
    Row("a sample of more than", "材料的示例太长", "写短一些。", "Make it shorter."),
    Row("`until` names", "until 所指的字段不是日期", "改用本表单中的日期字段，或者删去 until。", "Name a day of the form, or take `until` out."),
    Row("`from` names", "from 所指的字段不是日期", "改用本表单中的日期字段，或者删去 from。", "Name a day of the form, or take `from` out."),
    Row("`level` names", "level 所指的字段不能表示密级", "改用本表单中必填的选择，或者删去 level。", "Name a required choice of the form, or take `level` out."),
    Row("`files_of` names", "files_of 所写的不是本表单的密级", "改用 level 字段的选项。", "Name choices of the field in `level`."),
    Row("of a register names no step", "登记簿的字段没有步骤", "删去 step 和 registers。", "Take `step` and `registers` out."),
    Row("the file of this form is", "文件名与登记簿的词不符", "按英文说明改文件名或者 id。", "Rename the file, or correct the id."),
    Row("a register names the clauses", "登记簿没有写明依据", "写明 clauses。", "Name `clauses`."),
    Row("`place` names", "place 所指的字段不能确定管辖", "改用第一步中必填的行政区划字段，或者删去 place。", "Name a required division of the first step, or take `place` out."),
    Row("is set by the document", "期限由文书确定，表单却没有日数", "在期限起算的步骤加一个必填的数量字段，名称为「期限编号_days」。", "Add the count named to the step from which the clock starts."),
    Row("fields, more than", "字段太多", "减少字段，或者分成几个程序。", "Use fewer fields, or part the procedure."),
    Row("its rule is not carried out for", "overlays.toml 的这一规则程序不执行", "改用英文说明所示的 rule；确需另一种规则的，须先由程序实现。", "Use the `rule` named; another one has to be built into the program first."),
    Row("two values `", "同一天有两个数值", "给先前的数值写上 until，使两段日期不重叠。", "Give the earlier value an `until`, so that no day has both."),
    Row("hold for one party, grade and day", "同一对象、情形和日期有两个罚款幅度", "写上 until，或者分开对象和情形。", "Give one an `until`, or part the parties or grades."),
    Row("for one day (lines", "两行对同一地点同一天的说法冲突", "用 from、until 分开日期，或者删去其中一行。", "Part them with `from` and `until`, or take one away."),
    Row("overlap", "幅度相互重叠", "核对条文，使较重情形的下限不低于较轻情形的上限。", "Compare the text: the graver range begins where the lighter one ends."),
    Row("missing field `from`", "没有写首日", "补上 from：数值和罚款从哪一天起有效。", "Add `from`: the first day on which it holds."),
    Row("missing field", "缺少字段", "补上所说的字段。", "Add the field named."),
    Row("unknown field", "不认识的字段", "改正字段名；可用的字段已列在英文说明中。", "Correct the name of the field; those there are stand in the message."),
    Row("unknown act", "没有这种行为", "改用 schema.cedarschema 中已有的行为。", "Use an act of schema.cedarschema."),
    Row("unknown kind of place", "没有这种地点", "改用英文说明所列的一种。", "Use one of the kinds listed."),
    Row("unknown category", "没有这个类别", "先写 [[category]]，再写引用它的行。", "Write the [[category]] above the rows that name it."),
    Row("unknown variant", "不认识的词", "改用英文说明所列的词之一。", "Use one of the words listed in the message."),
    Row("unknown annotation", "不认识的标注", "改用英文说明所列的标注。", "Use one of the annotations listed."),
    Row("has no @clause", "策略没有写明依据的条款", "在策略前写 @clause(\"条款编号\")。", "Write @clause(\"id\") before the policy."),
    Row("needs a refusal code", "禁止性策略没有写拒绝代码", "加上 @code(\"…\")，并在 refusals.toml 写明拒绝的话。", "Add @code(\"word\") and its sentence in refusals.toml."),
    Row("refusal code", "拒绝代码没有对应的话", "在 refusals.toml 写上该代码的中英文。", "Write the sentences of that code in refusals.toml."),
    Row("should begin with", "编号与条号不符", "编号为：规则包-条-款-项。", "An id is pack-article-paragraph-item."),
    Row("is not in the clauses.toml of this pack", "本规则包没有这一条款", "改正编号，或者先在 clauses.toml 写入该条款。", "Correct the id, or write the clause in clauses.toml first."),
    Row("is not of article", "条款不属于这一条", "改正条款编号或者条号。", "Correct the id of the clause, or the article."),
    Row("is of another pack", "条款属于别的规则包", "写进该条款所属规则包的文件。", "Write it in the file of the clause's own pack."),
    Row("does not exist", "引用的内容不存在", "改正编号；确实要引用的，先写入被引用的条目。", "Correct the id, or write the entry it names first."),
    Row("has no entry", "引用的条目不存在", "改正编号，或者先写入该条目。", "Correct the id, or write that entry first."),
    Row("is no step or outcome", "期限起止于不存在的步骤", "改用本程序的步骤或者结果。", "Name a step or outcome of this procedure."),
    Row("has no end", "期限没有终点", "写明 ends（到哪一步为止）；只是经过一段时间的，写 sense = \"at_least\"。", "Say with `ends` which step ends it, or `sense = \"at_least\"` for a time that only passes."),
    Row("cannot be reached", "有步骤走不到", "在 after 中写明它接在哪一步之后。", "Say in `after` which step it follows."),
    Row("no way of counting", "没有这种期间计算方法", "改用 workdays/counting.toml 中的一种。", "Use one of workdays/counting.toml."),
    Row("has no value", "条款没有这个数值", "在该条款的 values 写入，并写明首日。", "Write it in the `values` of that clause, with its first day."),
    Row("is no number of", "数值与单位不符", "数值名以单位结尾（days、working_days、months……），与 unit 一致。", "The value's name ends with its unit, the same as `unit`."),
    Row("is no dated value", "数值不在所列条款之内", "在所列条款的 values 写入该数值和首日。", "Write the value with its first day in one of its clauses."),
    Row("needs `counting`", "没有写明如何计算日数", "写上 counting：workdays/counting.toml 中的一种。", "Add `counting`: one of workdays/counting.toml."),
    Row("needs a dated value", "没有日数可算", "只有 due 是数值时才写这一项。", "It stands only where `due` is a dated value."),
    Row("names its clauses and whom they address", "义务没有条款或者对象", "写明 clauses 和 who。", "Name `clauses` and `who`."),
    Row("addressed by none of its clauses", "对象与条款不符", "改用条款所约束的对象。", "Use an actor that one of its clauses addresses."),
    Row("is already set by", "同一天既放假又上班，或者写了两次", "核对放假通知，删去其中一个。", "Compare the notice and take one of the two away."),
    Row("is worked anyway", "调休上班日不是周末", "核对放假通知的日期。", "Compare the day with the notice."),
    Row("is no span of", "假期长度不对", "核对放假通知的起止日期。", "Compare first and last day with the notice."),
    Row("is missing between two others", "缺少中间年份的放假安排", "补上该年的文件。", "Add the file of that year."),
    Row("has no clause in clauses.toml", "有条文没有对应的条款", "在 clauses.toml 为该条写一个条目。", "Write an entry for the article in clauses.toml."),
    Row("is missing before it", "缺少前面的一款或者一项", "补上该款、项的条目，或者改正编号。", "Write the entry of that paragraph or item, or correct the id."),
    Row("and no clause is about it", "有一项没有对应的条款", "在 clauses.toml 为该项写一个条目。", "Write an entry for the item in clauses.toml."),
    Row("is not listed in carriers.toml", "去向没有列出", "在 carriers.toml 列出，或者改正所写的词。", "List it in carriers.toml, or correct the word."),
    Row("is not in carriers.toml", "登记簿或者公布没有列出", "在 carriers.toml 列出，或者改正所写的词。", "List it in carriers.toml, or correct the word."),
    Row("does not carry this clause out", "所写的去向与本条无关", "在该去向中写明本条款，或者改正去向。", "Name this clause there, or correct the carrier."),
    Row("is none of gate:", "不认识的去向", "改用所列的写法之一。", "Use one of the forms listed."),
    Row("in `carried_out_by`", "状态与去向不符", "补上去向，或者改正状态。", "Add the carrier, or correct the status."),
    Row("without a carrier or a reason", "没有去向也没有理由", "写明 carried_out_by，或者写明理由。", "Name `carried_out_by`, or give the reason."),
    Row("min_yuan is above max_yuan", "罚款下限高于上限", "核对条文的数额。", "Compare both sums with the text."),
    Row("no end of a fine is 0", "罚款的一端为零", "条文没有下限的，不写 min_yuan。", "Leave out `min_yuan` where the text sets none."),
    Row("min is above max", "最小数高于最大数", "核对条文的天数或者年数。", "Compare both numbers with the text."),
    Row("needs an `order`", "罚款以责令改正为前提，却没有写明", "写明 order。", "Write the `order`."),
    Row("is not among the addressees", "罚款对象不在条款所列之内", "改正 who，或者补上 addressees。", "Correct `who`, or add it to `addressees`."),
    Row("`addressees` is empty", "没有写明处罚谁", "写明 addressees。", "Name the `addressees`."),
    Row("only a penalty clause fines", "不是罚则的条款写了罚款", "罚款写在罚则条款之下。", "Fines stand under a penalty clause."),
    Row("its own clauses", "写的是别的规则包的条款", "写进该条款所属规则包的文件。", "Write it in the files of the clause's own pack."),
    Row("does not rank above", "位阶不高，不能限制或者取代", "核对各规定的位阶和次序。", "Compare the ranks and their order."),
    Row("before its clause is in force", "早于条款施行之日", "改正首日。", "Correct the first day."),
    Row("begins before", "早于施行之日", "改正首日。", "Correct the first day."),
    Row("stand together", "中英文说明缺一", "两种语言都写，或者都不写。", "Write both languages, or neither."),
    Row("ends before it begins", "终止早于开始", "改正 from 或者 until。", "Correct `from` or `until`."),
    Row("is not after", "终止不晚于开始", "改正 from 或者 until。", "Correct `from` or `until`."),
    Row("twice", "重复", "删去其中一个，或者改名。", "Take one away, or give it another id."),
    Row("two ", "重复", "删去其中一个，或者改名。", "Take one away, or give it another id."),
    Row("does not hold the words", "条文中没有所引的字句", "照条文原样引用。", "Quote the words as they are printed."),
    Row("do not stand in article", "条文中没有所引的残句", "照条文原样引用。", "Quote the words as they are printed."),
    Row("counter-argument", "读法没有写反对的理由", "写明 against_zh 和 against_en。", "Write `against_zh` and `against_en`."),
    Row("before legal review", "未经法制审核就据读法罚款", "写 may_fine = false。", "Write `may_fine = false`."),
    Row("nothing is invented", "给缺失的文字写了读法", "缺文只写印出的部分。", "Of lost text keep only what is printed."),
    Row("only what is printed applies", "缺文没有按印出的部分适用", "写 default = \"literal\"。", "Write `default = \"literal\"`."),
    Row("lost text", "缺失的文字上建立了规则", "标明 gap 和残句，或者删去。", "Mark it as a gap with its fragment, or take it out."),
    Row("both languages", "只有一种语言", "补上另一种语言。", "Add the other language."),
    Row("missing in one language", "只有一种语言", "补上另一种语言。", "Add the other language."),
    Row("file is missing", "缺少文件", "补上该文件。", "Add the file."),
    Row("attribute", "策略用了不存在的事实", "改用 schema.cedarschema 中的事实。", "Use a fact of schema.cedarschema."),
    Row("expected", "写法有误", "按行号改正写法。", "Correct what is written at that line."),
    Row("unexpected token", "策略的写法有误", "按行号改正写法。", "Correct the policy at that line."),
    Row("invalid", "写法有误", "按行号改正写法。", "Correct what is written at that line."),
];

/// For messages that no row knows.
const GENERAL: (&str, Text) = (
    "规则包有缺陷",
    Text::new("按英文说明改正后，再运行 jifang law check。", "Correct it as told, then run jifang law check again."),
);

impl PackError {
    fn row(&self) -> Option<&'static Row> {
        ROWS.iter().find(|row| self.what.contains(row.0))
    }

    /// What is wrong, in both languages; the English one is the exact message.
    #[must_use]
    pub fn text(&self) -> Text {
        let zh = self.row().map_or(GENERAL.0, |row| row.1);
        let mut names: Vec<&str> = self.what.split('`').skip(1).step_by(2).take(6).collect();
        names.dedup();
        let names = if names.is_empty() { String::new() } else { format!("（{}）", names.join("、")) };
        Text::of(format!("{zh}{names}。"), self.what.clone())
    }

    /// What to do about it.
    #[must_use]
    pub fn remedy(&self) -> Text {
        self.row().map_or(GENERAL.1, |row| Text::new(row.2, row.3))
    }

    /// Its message is one of those told in words of its own.
    #[must_use]
    pub fn is_known(&self) -> bool {
        self.row().is_some()
    }
}
