use plan::{IdSource, Item, ItemId, ItemKind, Plan, Style, parse, print};
use problem::{FAMILIES, Problem};
use proptest::prelude::*;

use super::*;

/// A problem of the family with the framing that goes with it.
struct World {
    problem: Problem,
    framing: Framing,
}

impl World {
    fn of(family: &str) -> Self {
        let family = problem::family(family).expect("a family");
        let generated = family.generator().map(|_| format!("{}:2#3", family.name()));
        let problem = generated.and_then(|reference| problem::load(&reference).ok());
        let problem = problem.unwrap_or_else(|| Problem::new("p", family.name(), "Text."));
        Self { framing: family.framing(&problem), problem }
    }

    fn form(&self) -> ProblemForm<'_> {
        ProblemForm { problem: &self.problem, framing: &self.framing }
    }

    fn read(&self, surface: &dyn Surface, text: &str) -> Result<Plan, SurfaceError> {
        surface.read(self.form(), text, None).map(|read| read.plan)
    }

    fn items(&self, surface: &dyn Surface, text: &str) -> String {
        self.read(surface, text).map_or_else(|error| error.to_string(), |plan| print(&plan, Style::Bare))
    }

    fn shown(&self, surface: &dyn Surface, plan: &str) -> String {
        let plan = parse(plan).expect("a plan");
        surface.shown(self.form(), &plan).map_or_else(|error| error.to_string(), |shown| shown.text())
    }

    /// Gives each item the links that its text says.
    fn linked(&self, plan: &Plan) -> Plan {
        let family = self.problem.family();
        let links = family.links(&self.problem, plan.items());
        let items = plan.items().iter().zip(links).map(|(item, deps)| Item { deps, ..item.clone() });
        Plan::new(items.collect()).expect("a plan")
    }
}

#[test]
fn names_are_unique_and_families_default_to_a_surface_that_suits_them() {
    for (at, surface) in REGISTRY.iter().enumerate() {
        assert!(REGISTRY[..at].iter().all(|other| other.name() != surface.name()));
        assert_eq!(find(surface.name()).map(|found| found.name()), Some(surface.name()));
    }
    for family in FAMILIES {
        let world = World::of(family.name());
        let surface = find(family.surface()).expect("a surface");
        assert_eq!(surface.fault(world.form()), None, "{}", family.name());
        let (_, how) = surface.instruction(world.form());
        // Six characters a token at least; the tools of a shop belong to the problem.
        let tokens = how.split(": text").next().unwrap_or(&how).len() / 4;
        assert!(surface.has_ids() || tokens < 200, "{}: {how}", family.name());
    }
}

#[test]
fn a_program_is_read_as_a_plan_without_ids_kinds_or_links() {
    let world = World::of("math");
    let text = "    boxes = 20\n    pens_per_box = 6\n    # What is left\n    total = boxes * pens_per_box\n    assert total \
                >= 45\n\n    left = total - 45\n    return left * 3\n```\nThis returns 225.";
    let plan = "C1: boxes = 20\nC2: pens_per_box = 6\nG1: What is left\n  S1 <- C1 C2: total = boxes * pens_per_box\n  I1 <- \
                S1: total >= 45\nS2 <- S1: left = total - 45\nS3 <- S2: answer = left * 3";
    assert_eq!(world.items(&Code, text), plan);
    let whole = format!("Sure!\n```python\ndef solution():\n    \"\"\"Pens.\n\n    Many.\"\"\"\n{text}");
    assert_eq!(world.items(&Code, &whole), plan);
    assert_eq!(
        world.shown(&Code, plan),
        "def solution():\n    boxes = 20\n    pens_per_box = 6\n    # What is left\n    total = boxes * pens_per_box\n    \
         assert total >= 45\n\n    left = total - 45\n    return left * 3\n"
    );
}

#[test]
fn a_program_keeps_its_meaning() {
    let world = World::of("math");
    for (text, plan) in [
        ("a = 1_200\nreturn a", "C1: a = 1200\nS1 <- C1: answer = a"),
        ("a = 5\nanswer = a + 1\nreturn answer", "C1: a = 5\nS1 <- C1: answer = a + 1"),
        (
            "answer = 5\nb = answer * 2\nreturn b",
            "C1: answer_1 = 5\nS1 <- C1: b = answer_1 * 2\nS2 <- S1: answer = b",
        ),
        ("a = 5\na += 2 * 3\nreturn a", "C1: a = 5\nS1 <- C1: a_2 = a + 2 * 3\nS2 <- S1: answer = a_2"),
        ("a = 5\na -= 2 - 1\nreturn a", "C1: a = 5\nS1 <- C1: a_2 = a - (2 - 1)\nS2 <- S1: answer = a_2"),
        ("a = 9\na %= 2\nreturn a", "C1: a = 9\nS1 <- C1: a_2 = mod(a, 2)\nS2 <- S1: answer = a_2"),
        ("a: int = 5  # five\nreturn max(a, 7) // 2", "C1: a = 5\nS1 <- C1: answer = max(a, 7) // 2"),
        ("rate = 15 / 100\nx = rate * 40", "C1: rate = 15 / 100\nS1 <- C1: x = rate * 40"),
    ] {
        assert_eq!(world.items(&Code, text), plan, "{text}");
    }
}

#[test]
fn a_program_is_put_in_the_order_of_its_definitions() {
    let world = World::of("chain");
    for (text, plan) in [
        (
            "ona = 4 * ida\nbea = ona + 3\nida = 5\nreturn bea",
            "C1: ida = 5\nS1 <- C1: ona = 4 * ida\nS2 <- S1: bea = ona + 3\nS3 <- S2: answer = bea",
        ),
        // What an assert compares is used, too.
        (
            "assert b > a\na = 1\nb = a + 1\nreturn b",
            "C1: a = 1\nS1 <- C1: b = a + 1\nI1 <- S1 C1: b > a\nS2 <- S1: answer = b",
        ),
        // Lines stay below the comment that says what they are for.
        (
            "# First\na = b\nb = 1\n# Then\nd = c\nreturn a\nc = 2",
            "G1: First\n  C1: b = 1\n  S1 <- C1: a = b\nG2: Then\n  S2: d = c\n  S3 <- S1: answer = a",
        ),
        ("# First\na = b\n\nb = 1\nreturn a", "G1: First\n  S1: a = b\nC1: b = 1\nS2 <- S1: answer = a"),
        // A cycle and a name that nothing defines leave the order alone.
        ("a = b\nb = a\nreturn b", "S1: a = b\nS2 <- S1: b = a\nS3 <- S2: answer = b"),
        ("a = c\nb = 1\nreturn a + b", "S1: a = c\nC1: b = 1\nS2 <- S1 C1: answer = a + b"),
    ] {
        assert_eq!(world.items(&Code, text), plan, "{text}");
    }
}

#[test]
fn a_line_of_a_known_place_keeps_its_name_when_the_order_changes() {
    let world = World::of("chain");
    let old = world.read(&Code, "a = 1\nb = a + 1\nreturn b").unwrap();
    let ids = IdSource::of(&old);
    let known = KnownPlan { plan: &old, ids: &ids, rewritten: Some((0, old.items()[0].id)) };
    // The first line is written again, and now needs one that stands below it.
    let read = Code.read(world.form(), "a = 2 * c\nb = a + 1\nc = 3\nreturn b", Some(known)).unwrap();
    assert_eq!(
        print(&read.plan, Style::Bare),
        "C2: c = 3\nS3 <- C2: a = 2 * c\nS1 <- S3: b = a + 1\nS2 <- S1: answer = b"
    );
}

#[test]
fn what_is_no_statement_of_a_plan_is_refused_with_its_place() {
    let world = World::of("math");
    for (text, error) in [
        ("a = 1\nfor i in range(3):\n    a += i", "line 2, column 1: a plan has no loops"),
        ("def solution():\n    import math\n", "line 2, column 5: a plan imports nothing"),
        ("def solution():\n    a = math.ceil(2.5)", "line 2, column 13: \".\" cannot stand"),
        ("a = sqrt(4)", "line 1, column 5: there is no function sqrt; the functions are"),
        ("a = [1, 2]", "line 1, column 5: \"[\" cannot stand"),
        ("print(3)", "line 1, column 1: this is no assignment"),
        ("a = 3 if 2 > 1 else 4", "line 1, column 7: \"if\" cannot stand"),
        ("a, b = 1, 2", "line 1, column 1: the left of the equals sign is not one name"),
        ("a == 2", "line 1, column 1: a comparison does nothing"),
        ("if = 3", "line 1, column 1: a plan has no branches"),
        ("None = 3", "line 1, column 1: None is a word that Python keeps for itself"),
        ("assert a and b", "line 1, column 8: an assert compares"),
        ("a = (1 + 2", "line 1, column 5: a parenthesis is not closed"),
        ("a =", "line 1, column 4: the expression ends"),
        ("return", "line 1, column 7: the expression ends"),
        ("é = \"ü\"", "line 1, column 5: "),
        ("", "it has no line"),
        ("```python\ndef solution():\n```", "it has no line"),
    ] {
        let said = world.items(&Code, text);
        assert!(said.starts_with(error), "{text:?}: {said}");
    }
}

#[test]
fn what_a_program_cannot_express_is_said_with_its_reason() {
    let world = World::of("math");
    for (plan, said) in [
        ("S1: think about pens", "the surface code cannot express S1: it has no equals sign"),
        ("S1: from = 3", "the surface code cannot express S1: from is a word"),
        ("C1: a = 1\n  S1: b = a", "the surface code cannot express S1: only what belongs to a subgoal"),
        ("T1: f(x=1)", "the surface code cannot express T1: a function of plain arithmetic calls no tools"),
    ] {
        assert!(world.shown(&Code, plan).starts_with(said), "{}", world.shown(&Code, plan));
    }
    let other = World::of("boolean");
    assert!(Code.fault(other.form()).expect("a fault").contains("plans of the family boolean"));
    let free = World::of("free");
    assert!(BareLines.fault(free.form()).expect("a fault").contains("plans of the family free"));
    let tools = World::of("tools");
    assert!(Json.fault(tools.form()).expect("a fault").contains("plans of the family tools"));
    let commented =
        "C1: 20 boxes hold 6 pens\nC2: a = 20\nI1: never negative\nP1: it holds\nS1 <- C2: b = C2 * 15%";
    assert_eq!(
        world.shown(&Code, commented),
        "def solution():\n    # constraint: 20 boxes hold 6 pens\n    a = 20\n    # invariant: never negative\n    # claim: it \
         holds\n    b = a * (15 / 100)\n"
    );
}

#[test]
fn calls_name_the_results_that_later_calls_use() {
    let world = World::of("tools");
    let plan = world.framing.example.plan.clone();
    let shown = BareLines.shown(world.form(), &plan).expect("shown");
    assert_eq!(
        shown.text(),
        "# constraint: only the blanket order of Mei Lin is cancelled\n# constraint: Mei Lin gets one message, after the \
         order is cancelled\ncustomer = find_customer(name=\"Mei Lin\")\nproduct = find_product(name=\"blanket\")\norder = \
         find_order(customer=customer.id, product=product.id)\norder2 = cancel_order(order=order.id)\nmessage = \
         send_message(customer=customer.id, text=\"Your order of a blanket is cancelled.\")\n"
    );
    let free = "```\nwho = find_customer(name=\"who.id\")\n1. send_message(customer=who.id, text=\"Hi who.name.\")\nclose_ticket(\
                ticket=gone.id)\n```\nDone.";
    assert_eq!(
        world.items(&BareLines, free),
        "T1: find_customer(name=\"who.id\")\nT2 <- T1: send_message(customer=T1.id, text=\"Hi who.name.\")\nT3: \
         close_ticket(ticket=gone.id)"
    );
}

#[test]
fn ids_stay_when_a_text_is_read_against_an_older_plan() {
    let world = World::of("math");
    let old = parse("C1: a = 2\nC2: b = 15%\nS4 {pinned} <- C1 C2: c = a * b\nS5 <- S4: answer = c")
        .expect("a plan");
    let mut ids = IdSource::of(&old);
    ids.observe("S9".parse::<ItemId>().expect("an id"));
    let read = |text: &str, rewritten| {
        let known = KnownPlan { plan: &old, ids: &ids, rewritten };
        print(&Code.read(world.form(), text, Some(known)).expect("a plan").plan, Style::Full)
    };
    let same = "a = 2\nb = 15 / 100\nc = a * b\nreturn c";
    assert_eq!(read(same, None), print(&old, Style::Full), "what is written as it was says what it said");
    assert_eq!(
        read("a = 3\nb = 15 / 100\nd = a + 1\nc = a * b * d\nreturn c", None),
        "C1: a = 3\nC2: b = 15%\nS10 <- C1: d = a + 1\nS4 {pinned} <- C1 C2 S10: c = a * b * d\nS5 <- S4: answer = c"
    );
    let third = Some((2, "S4".parse::<ItemId>().expect("an id")));
    assert_eq!(
        read("a = 2\nb = 15 / 100\nsum_of_all = a + b\nreturn c", third),
        "C1: a = 2\nC2: b = 15%\nS4 {pinned} <- C1 C2: sum_of_all = a + b\nS5: answer = c"
    );
    assert_eq!(
        read("b = a\nreturn 1 + a", None),
        "S10: b = a\nS5: answer = 1 + a",
        "a given that computes is a step"
    );
}

#[test]
fn muted_items_stay_where_they_are() {
    let world = World::of("boolean");
    let old = parse("S1: a = true\nS2 {muted}: b = false\nS3: c = true").expect("a plan");
    let known = KnownPlan { plan: &old, ids: &IdSource::of(&old), rewritten: None };
    let read = BareLines.read(world.form(), "a = false\nc = true", Some(known)).expect("a plan");
    assert_eq!(print(&read.plan, Style::Full), "S1: a = false\nS2 {muted}: b = false\nS3: c = true");
    assert_eq!(read.lines.len(), 2);
}

#[test]
fn lines_are_named_by_their_numbers() {
    let world = World::of("math");
    let plan = parse("C1: a = 2\nS4: c = a * 3").expect("a plan");
    let shown = Code.shown(world.form(), &plan).expect("shown");
    assert_eq!(shown.numbered(), "1: a = 2\n2: c = a * 3");
    assert_eq!(shown.in_words("S4 uses a (see C1), not S5."), "Line 2 uses a (see line 1), not S5.");
    assert_eq!((shown.item(2), shown.item(0), shown.item(3)), (Some(plan.items()[1].id), None, None));
    let items = Items.shown(world.form(), &plan).expect("shown");
    assert_eq!(
        (items.numbered(), items.in_words("S4 is.")),
        (print(&plan, Style::Bare), "S4 is.".to_owned())
    );
}

#[test]
fn statements_change_places_and_empty_lines_stay_where_sections_end() {
    let world = World::of("math");
    let plan = parse("G1: all\n  C1: a = 2\nC2: b = 3\nS1 <- C1 C2: answer = a * b").expect("a plan");
    let shown = Code.shown(world.form(), &plan).expect("shown");
    let items = |shown: ShownPlan| world.items(&Code, &shown.text());
    let rest = "C2: b = 3\nS1 <- C1 C2: answer = a * b";
    assert_eq!(items(shown.clone().replaced(1, "a = 4")), format!("G1: all\n  C1: a = 4\n{rest}"));
    assert_eq!(
        items(shown.clone().inserted(2, "c = 5")),
        "G1: all\n  C1: a = 2\nC2: b = 3\nC3: c = 5\nS1 <- C1 C2: answer = a * b"
    );
    assert_eq!(items(shown.clone().removed(2)), "G1: all\n  C1: a = 2\nS1 <- C1: answer = a * b");
    assert_eq!(
        items(shown.clone().preceded(2, "c = 5")),
        "G1: all\n  C1: a = 2\nC2: c = 5\nC3: b = 3\nS1 <- C1 C3: answer = a * b"
    );
    // What comes after a line of a section belongs to it.
    let moved = "G1: all\n  C1: a = 2\n  C2: b = 3\nS1 <- C1 C2: answer = a * b";
    assert_eq!(items(shown.clone().moved(2, 1)), moved);
    let none = ShownPlan::default();
    assert_eq!(none.clone().removed(3).inserted(0, "x").moved(1, 2).preceded(1, "y"), none);
}

#[test]
fn each_item_is_mapped_to_the_line_where_it_stands() {
    let world = World::of("math");
    let read =
        Code.read(world.form(), "\n    a = 2\n\n    # more\n    return a * 2\n", None).expect("a plan");
    let lines: Vec<(String, usize)> = read.lines.iter().map(|(id, line)| (id.to_string(), *line)).collect();
    assert_eq!(lines, [("C1".to_owned(), 2), ("G1".to_owned(), 4), ("S1".to_owned(), 5)]);
}

#[test]
fn objects_are_read_as_far_as_they_are_whole() {
    let world = World::of("free");
    let text = "[\n  {\"kind\": \"constraint\", \"text\": \"ten \\\"minutes\\\"\"},\n  {\"text\": \"cut it\", \"uses\": [1, 9]},\n  \
                {\"text\": \"half";
    assert_eq!(world.items(&Json, text), "C1: ten \"minutes\"\nS1 <- C1: cut it");
    assert_eq!(world.items(&Json, "[\n  {\"text\": 3}\n]"), "line 2, column 3: an object needs a \"text\"");
    assert!(
        world.items(&Json, "[\n  {\"kind\": \"goal\", \"text\": \"a\"}]").contains("there is no kind goal")
    );
    assert!(world.items(&Json, "[\n  {\"text\" \"a\"}\n]").starts_with("line 2, column 11: expected"));
    assert!(world.items(&Json, "no plan").contains("begins with ["));
}

#[test]
fn hostile_text_is_refused_or_read_in_bounds() {
    let math = World::of("math");
    let tools = World::of("tools");
    for text in [
        "(".repeat(100_000),
        "a = ".repeat(10_000),
        "#".repeat(10_000),
        "a = 1\n".repeat(300),
        "\u{7}".into(),
    ] {
        let _ = (math.items(&Code, &text), tools.items(&BareLines, &text), math.items(&Json, &text));
    }
    assert!(tools.items(&BareLines, "a\u{7}").contains("line 1, column 2: the character"));
}

fn name() -> impl Strategy<Value = String> {
    prop::sample::select(vec!["a", "b", "pens", "total_cost", "x1", "left"]).prop_map(str::to_owned)
}

fn expression() -> impl Strategy<Value = String> {
    let leaf =
        prop_oneof![name(), (0..5000_u32).prop_map(|number| number.to_string()), Just("0.25".to_owned())];
    leaf.prop_recursive(3, 12, 3, |inner| {
        let sign = prop::sample::select(vec!["+", "-", "*", "/", "//", "**", "%"]);
        prop_oneof![
            (inner.clone(), sign, inner.clone()).prop_map(|(a, sign, b)| format!("({a}) {sign} ({b})")),
            inner.clone().prop_map(|a| format!("-({a})")),
            (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("max({a}, {b})")),
            (inner.clone(), inner).prop_map(|(a, b)| format!("sum([{a}, {b}])")),
        ]
    })
}

/// Programs of assignments, asserts and comments, some of which use what is not defined.
fn program() -> impl Strategy<Value = String> {
    let line = prop_oneof![
        5 => (name(), expression()).prop_map(|(name, right)| format!("{name} = {right}")),
        1 => (expression(), expression()).prop_map(|(a, b)| format!("assert {a} <= {b}")),
        1 => "# [a-z]{1,5}( [a-z]{1,5}){0,2}",
        1 => Just(String::new()),
    ];
    (prop::collection::vec(line, 1..9), expression())
        .prop_map(|(lines, end)| format!("{}\nreturn {end}", lines.join("\n")))
}

/// Plans of a family: items from its own forms, in any order.
fn family_plan() -> impl Strategy<Value = (&'static str, Vec<&'static str>)> {
    let texts: Vec<(&'static str, Vec<&'static str>)> = vec![
        ("boolean", vec!["fan = true", "lamp = false", "pump = true"]),
        ("schedule", vec!["paint at 3", "bake at 0", "ice at 12"]),
        ("blocksworld", vec!["pick-up(a)", "stack(a, b)", "unstack(b, c)", "put-down(b)"]),
        ("countdown", vec!["10 * 3 = 30", "30 + 7 = 37", "8 / 3 = 8/3", "4 - 8 = -4"]),
        ("sudoku4", vec!["row 1 = 1 2 3 4", "row 2 = 3 4 1 2", "r1c2 = 3"]),
        ("lists", vec!["sort", "filter(x > 3)", "map(x * 2)", "take(2)"]),
        ("calls", vec!["table.book(guests=4)", "f(x=[1, 2], y=\"a # b\")"]),
        (
            "tools",
            vec![
                "find_customer(name=\"Ada\")",
                "list_orders(customer=T1.id)",
                "cancel_order(order=T2.newest)",
                "words",
            ],
        ),
    ];
    prop::sample::select(texts).prop_flat_map(|(family, texts)| {
        (Just(family), prop::collection::vec(prop::sample::select(texts), 1..7))
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn reading_undoes_showing_a_program(program in program()) {
        let world = World::of("math");
        // Long expressions are refused; that is tested elsewhere.
        if let Ok(plan) = world.read(&Code, &program) {
            let shown = Code.shown(world.form(), &plan).expect("what was read can be shown").text();
            let again = world.read(&Code, &shown).expect("what is shown can be read");
            prop_assert_eq!(print(&again, Style::Full), print(&plan, Style::Full), "{}", shown);
            let json = Json.shown(world.form(), &plan).expect("shown").text();
            let again = world.read(&Json, &json).expect("what is shown can be read");
            prop_assert_eq!(print(&again, Style::Full), print(&plan, Style::Full), "{}", json);
        }
    }

    #[test]
    fn reading_undoes_showing_lines((family, texts) in family_plan(), remark in any::<bool>()) {
        let world = World::of(family);
        let kind = world.framing.patterns.last().expect("a pattern").kind;
        let mut ids = IdSource::default();
        let mut items: Vec<Item> = texts.iter().map(|text| Item::new(ids.fresh(kind), *text)).collect();
        if remark {
            items.insert(0, Item::new(ids.fresh(ItemKind::Constraint), "it must be quick"));
        }
        let earlier = |at: usize, text: &str| (1..4).all(|n| !text.contains(&format!("T{n}.")) || n <= at);
        prop_assume!(texts.iter().enumerate().all(|(at, text)| earlier(at, text)));
        let plan = world.linked(&Plan::new(items).expect("a plan"));
        for surface in REGISTRY.iter().filter(|surface| surface.fault(world.form()).is_none()) {
            let shown = surface.shown(world.form(), &plan).expect("shown").text();
            let again = world.read(*surface, &shown).expect("what is shown can be read");
            prop_assert_eq!(print(&again, Style::Full), print(&plan, Style::Full), "{}", shown);
        }
    }

    #[test]
    fn what_is_shown_of_any_plan_reads_back_to_it(program in program(), muted in 0..9_usize, pinned in 0..9_usize) {
        let world = World::of("math");
        if let Ok(plan) = world.read(&Code, &program) {
            let marked = plan.items().iter().enumerate().map(|(at, item)| {
                Item { muted: at == muted && item.id.kind == ItemKind::Constraint, pinned: at == pinned, ..item.clone() }
            });
            let plan = world.linked(&Plan::new(marked.collect()).expect("a plan"));
            let shown = Code.shown(world.form(), &plan);
            if let Ok(shown) = shown && !shown.lines.is_empty() {
                let known = KnownPlan { plan: &plan, ids: &IdSource::of(&plan), rewritten: None };
                let again = Code.read(world.form(), &shown.text(), Some(known)).expect("read").plan;
                prop_assert_eq!(print(&again, Style::Full), print(&plan, Style::Full), "{}", shown.text());
            }
        }
    }
}
