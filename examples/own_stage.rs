//! A stage of one's own in the chain: what certain models wrote is held back for a person to approve.
//!
//! ```sh
//! cargo run --example own_stage < examples/data/trajectories.jsonl
//! ```

use std::io;
use std::sync::Arc;

use provfilter::Descriptor;
use provfilter::fault::Fault;
use provfilter::json::Json;
use provfilter::pipeline::{self, Input, Options, Outputs};
use provfilter::provenance::Field;
use provfilter::record::Record;
use provfilter::stage::{Annotate, Chain, Stage, Step, Values, Verdict};
use provfilter::value::{Batch, Value};

/// Withdraws approval from records of these models.
struct HoldBack {
    models: Vec<String>,
}

impl Stage for HoldBack {
    fn begin<'s>(&'s self, _: &Batch) -> Box<dyn Step + 's> {
        Box::new(|record: &mut Record<'_>| -> Result<Verdict, Fault> {
            let model = record.provenance().get(Field::Model);
            let model = model.as_ref().and_then(Json::as_text);
            let is_held_back = model.is_some_and(|model| self.models.iter().any(|held_back| *held_back == model));
            if is_held_back {
                record.set(Field::Approved, Json::FALSE);
            }
            Ok(Verdict::Sound)
        })
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let values = Values::new(Value::parse("trajectory")?, Value::parse("hermes4:14b")?);
    let hold_back = HoldBack { models: vec!["hermes4:14b".to_owned()] };
    let chain = Arc::new(Chain::new().with(Annotate::new(values)).with(hold_back));

    let input = Input::new("-", Descriptor::duplicate(io::stdin())?);
    let outputs = Outputs::to(Descriptor::duplicate(io::stdout())?);
    pipeline::run([Ok(input)], outputs, chain, Options::default(), ()).await.into_result()?;
    Ok(())
}
