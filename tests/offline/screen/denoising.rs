//! A plan whose tokens are denoised: what is masked, what a step does, how sure the model was.

use super::driver::Driver;
use crate::machine::denoising::records;

#[test]
fn masked_tokens_and_what_a_step_does_are_shown_at_every_size() {
    for size in [(80, 24), (120, 40), (200, 60)] {
        let mut driver = Driver::replay(records(), size);
        driver.keys("NNN");
        driver.shows("of 16 masked");
        driver.shows("▒");
        let (columns, rows) = size;
        insta::assert_snapshot!(format!("denoising_{columns}x{rows}"), driver.screen());
        // Backwards, and to the end.
        driver.keys("NNN");
        driver.shows("16 of 16 masked");
        driver.keys("nnnn");
        driver.hides("of 16 masked");
    }
}

#[test]
fn a_call_shows_the_plan_that_the_model_filled() {
    let mut driver = Driver::replay(records(), (120, 40));
    driver.keys("NNC");
    driver.shows("propose");
}
