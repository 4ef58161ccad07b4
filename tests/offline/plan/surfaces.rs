//! What surfaces may write is what they read: checked with the engine that constrains models.
#![cfg(feature = "llama")]

use plan::{ItemKind, Plan};
use problem::{Framing, Problem};
use rand::SeedableRng as _;
use rand_chacha::ChaCha8Rng;
use surface::{BareLines, Code, KnownPlan, LineSlot, ProblemForm, REGISTRY, ShownPlan, Surface};

use super::grammar::Engine;

#[derive(Clone)]
struct World {
    problem: Problem,
    framing: Framing,
}

impl World {
    fn of(family: &str) -> Self {
        let family = problem::family(family).expect("a family");
        let problem = problem::generate(family.name(), 2, 3).map(|made| made.problem);
        let problem = problem.unwrap_or_else(|| Problem::new("p", family.name(), "Text."));
        Self { framing: family.framing(&problem), problem }
    }

    fn form(&self) -> ProblemForm<'_> {
        ProblemForm { problem: &self.problem, framing: &self.framing }
    }
}

/// Every family with every surface that can express its plans.
fn pairs() -> impl Iterator<Item = (World, &'static dyn Surface)> {
    problem::FAMILIES.iter().flat_map(|family| {
        let fits = |surface: &&&dyn Surface| surface.fault(World::of(family.name()).form()).is_none();
        REGISTRY.iter().filter(fits).map(|surface| (World::of(family.name()), *surface))
    })
}

#[test]
fn what_a_surface_shows_it_may_write() {
    let engine = Engine::with_wide_limits();
    for (world, surface) in pairs() {
        // The examples of families whose problems are made belong to other problems.
        let solved = problem::generate(&world.problem.family, 2, 3).map(|made| made.solution);
        let mut plan = solved.unwrap_or_else(|| world.framing.example.plan.clone());
        if surface.name() == "lines" {
            let bare = plan.items().iter().filter(|item| item.id.kind != ItemKind::Constraint);
            plan = Plan::new(bare.cloned().collect()).expect("a plan");
        }
        {
            let shown = surface.shown(world.form(), &plan).expect("shown");
            let lark = surface.grammar(world.form(), 32);
            let text = shown.body();
            let text = if surface.name() == "lines" { text.trim_end().to_owned() } else { text };
            assert!(
                engine.accepts(&lark, &text),
                "{} {}:\n{text}\n{lark}",
                world.problem.family,
                surface.name()
            );
        }
    }
}

#[test]
fn what_is_drawn_is_read() {
    let engine = Engine::with_wide_limits();
    // What is grown again may be a single line.
    for ((world, surface), most) in pairs().flat_map(|pair| [(pair.clone(), 6), (pair, 1)]) {
        let mut rng = ChaCha8Rng::seed_from_u64(5);
        let lark = surface.grammar(world.form(), most);
        for _ in 0..8 {
            let text = engine.sample_rather(&lark, b"\n \"])}", &mut rng);
            let read = surface.read(world.form(), &text, None);
            let name = format!("{} {}", world.problem.family, surface.name());
            // What is too long or nests too deeply is refused with its place.
            let bounded = |error: &str| {
                ["bytes", "levels", "cannot stand", "takes"].iter().any(|why| error.contains(why))
            };
            match read {
                Ok(read) => assert!((1..=12).contains(&read.plan.len()), "{name}\n{text}"),
                Err(error) => assert!(bounded(&error.to_string()), "{name}: {error}\n{text}"),
            }
        }
    }
}

#[test]
fn a_single_line_can_take_the_place_of_another() {
    let engine = Engine::with_wide_limits();
    for (world, surface) in pairs() {
        let plan = world.framing.example.plan.clone();
        let shown = surface.shown(world.form(), &plan).expect("shown");
        for (at, line) in shown.lines.iter().enumerate() {
            let name = format!("{} {}: {}", world.problem.family, surface.name(), line.text);
            // Words are not written again in lines and programs.
            if line.text.starts_with('#') {
                continue;
            }
            let terminal = surface.line(world.form(), &shown, LineSlot::Other(at)).expect("a line");
            let lark = format!("start: LINE\nLINE: {terminal}\n");
            assert!(!engine.accepts(&lark, &line.text), "what is already there: {name}\n{lark}");
            let mut rng = ChaCha8Rng::seed_from_u64(9);
            let text = engine.sample_rather(&lark, b" )\"}", &mut rng);
            let mut changed: ShownPlan = shown.clone();
            changed.lines[at].text.clone_from(&text);
            let ids = plan::IdSource::of(&plan);
            let known = KnownPlan { plan: &plan, ids: &ids, rewritten: Some((at, line.item)) };
            let read = surface.read(world.form(), &changed.text(), Some(known));
            let read = read.unwrap_or_else(|error| panic!("{name}\n{text}\n{error}"));
            assert_eq!(read.plan.len(), plan.len(), "{name}\n{text}");
        }
    }
}

#[test]
fn programs_are_written_as_models_write_them() {
    let engine = Engine::new();
    let world = World::of("math");
    let lark = Code.grammar(world.form(), 16);
    for text in [
        "    a = 16\n    b=3+4\n    return a*b\n",
        "    a = 1_000.50  # dollars\n\n    # what is left\n    b = (a - -2.) // 3 ** 2 % 7\n    return b",
        "\ta = max(1, min(2, 3)) + sum([1, 2]) + round(7 / 3, 2)\n\treturn int(a)\n",
        "  a = 5\n  assert a >= 0\n  returned = a\n  return returned\n",
        "    answer = 5\n    total = answer * 2\n    return total\n",
        "    a = 5\n    \n    b = a * 2\n    \n    return b\n```",
    ] {
        assert!(engine.accepts(&lark, text), "{text}");
        assert!(Code.read(world.form(), text, None).is_ok(), "{text}");
    }
    for text in [
        "    for i in a:\n",
        "    import math\n",
        "    a = sqrt(4)\n    return a",
        "    a = 'x'\n    return a",
        "",
    ] {
        assert!(!engine.accepts(&lark, text), "{text}");
    }
    let shown = Code
        .shown(world.form(), &plan::parse("C1: a = 1\nC2: b = 2\nS1: c = a + b\nS2: answer = c").unwrap());
    let shown = shown.expect("shown");
    let third =
        format!("start: LINE\nLINE: {}\n", Code.line(world.form(), &shown, LineSlot::Other(2)).unwrap());
    for (text, fits) in [
        ("c = a - b", true),
        ("d = (a + 2) * max(b, 3)", true),
        ("c = a + b", false),
        ("c = c + 1", false),
        ("a = b", false),
        ("c = zz", false),
        ("answer = a", false),
        ("answers = a", true),
        ("return a", false),
    ] {
        assert_eq!(engine.accepts(&third, text), fits, "{text}");
    }
    let last =
        format!("start: LINE\nLINE: {}\n", Code.line(world.form(), &shown, LineSlot::Other(3)).unwrap());
    assert!(engine.accepts(&last, "return c * a") && !engine.accepts(&last, "return c"));
}

#[test]
fn a_line_below_one_that_is_still_to_be_written_can_use_whatever_it_is_called() {
    let engine = Engine::with_wide_limits();
    let world = World::of("tools");
    let plan =
        plan::parse("T1: find_customer(name=\"Ada\")\nT2 <- T1: find_order(customer=T1.id, product=T1.id)");
    let shown = BareLines.shown(world.form(), &plan.unwrap()).expect("shown");
    let grammar = |shown: &ShownPlan, slot| {
        format!("start: LINE\nLINE: {}\n", BareLines.line(world.form(), shown, slot).unwrap())
    };
    let line = "order = find_order(customer=customer.id, product=product.id)";
    assert!(!engine.accepts(&grammar(&shown, LineSlot::Other(1)), line), "nothing is called product");
    let supplied = grammar(&shown.clone().supplied(1), LineSlot::Other(2));
    assert!(engine.accepts(&supplied, line), "{supplied}");
    assert!(!engine.accepts(&supplied, "order = find_order(customer=customer.id, product=customer.id)"));
    let first = grammar(&shown, LineSlot::New(0));
    assert!(engine.accepts(&first, "product = find_product(name=\"teapot\")"));
    assert!(!engine.accepts(&first, "order = get_order(order=order.id)"), "nothing stands above it");
}
