//! A plan whose latents are denoised: how much noise is left, and the path.

use super::driver::Driver;
use crate::machine::latents::records;

#[test]
fn a_step_and_the_noise_that_is_left_are_shown() {
    let mut driver = Driver::replay(records(), (120, 40));
    driver.keys("NNNN");
    driver.shows("noise 25 % to 0 %");
    insta::assert_snapshot!("latents_120x40", driver.screen());
}

#[test]
fn the_path_is_drawn_at_every_size_and_leads_to_its_points() {
    for size in [(80, 24), (120, 40), (200, 60)] {
        let mut driver = Driver::replay(records(), size);
        driver.keys("Y");
        driver.shows("The path of the latents");
        let (columns, rows) = size;
        insta::assert_snapshot!(format!("path_{columns}x{rows}"), driver.screen());
        let end = driver.screen();
        driver.keys("kk<enter>");
        driver.hides("The path of the latents");
        assert_ne!(driver.screen(), end);
    }
}

#[test]
fn without_latents_the_path_says_what_it_is_for() {
    let mut driver = Driver::replay(crate::machine::denoising::records(), (120, 40));
    driver.keys("Y");
    driver.shows("Runs with think=latent have them");
}
