//! Writes tiny GGUF files: the right architecture and made-up weights, or weights that lead from token to token.

/// Width of the residual stream, and of a head.
pub const WIDTH: usize = 64;
pub const HEAD: usize = 32;

/// A tensor: its name, its dimensions, its numbers.
pub type Tensor = (String, Vec<usize>, Vec<f32>);

/// Numbers from −0.5 to 0.5 that look like chance.
pub fn made_up(seed: u64, count: usize) -> Vec<f32> {
    let mut state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 40) as f32 / (1 << 24) as f32 - 0.5
    };
    (0..count).map(|_| next()).collect()
}

/// The letters that stand for bytes in vocabularies of GPT-2's kind.
pub fn byte_letters() -> Vec<String> {
    let plain = |byte: u32| matches!(byte, 33..=126 | 161..=172 | 174..=255);
    let mut others = 256..;
    let letter = |byte: u32| char::from_u32(if plain(byte) { byte } else { others.next().unwrap() }).unwrap();
    (0..256).map(letter).map(String::from).collect()
}

fn text(text: &str) -> Vec<u8> {
    [&(text.len() as u64).to_le_bytes(), text.as_bytes()].concat()
}

/// A metadata value with its type.
pub enum Meta<'a> {
    Number(u32),
    Real(f32),
    Text(&'a str),
    Texts(&'a [String]),
    Kinds(&'a [i32]),
}

pub fn pair(key: &str, value: Meta<'_>) -> Vec<u8> {
    let list = |kind: u32, count: usize| {
        [9_u32.to_le_bytes(), kind.to_le_bytes()]
            .concat()
            .into_iter()
            .chain((count as u64).to_le_bytes())
            .collect::<Vec<u8>>()
    };
    let value = match value {
        Meta::Number(number) => [4_u32.to_le_bytes(), number.to_le_bytes()].concat(),
        Meta::Real(real) => [6_u32.to_le_bytes(), real.to_le_bytes()].concat(),
        Meta::Text(word) => [&8_u32.to_le_bytes()[..], &text(word)].concat(),
        Meta::Texts(texts) => {
            texts.iter().fold(list(8, texts.len()), |bytes, one| [bytes, text(one)].concat())
        }
        Meta::Kinds(kinds) => {
            kinds.iter().fold(list(5, kinds.len()), |bytes, one| [bytes, one.to_le_bytes().to_vec()].concat())
        }
    };
    [text(key), value].concat()
}

/// Returns a file with these pairs of metadata and these tensors.
pub fn file(pairs: &[Vec<u8>], tensors: &[Tensor]) -> Vec<u8> {
    let mut bytes = b"GGUF".to_vec();
    bytes.extend(3_u32.to_le_bytes());
    bytes.extend((tensors.len() as u64).to_le_bytes());
    bytes.extend((pairs.len() as u64).to_le_bytes());
    bytes.extend(pairs.concat());
    let mut offset = 0_u64;
    for (name, dimensions, numbers) in tensors {
        bytes.extend(text(name));
        bytes.extend((dimensions.len() as u32).to_le_bytes());
        bytes.extend(dimensions.iter().flat_map(|size| (*size as u64).to_le_bytes()));
        bytes.extend(0_u32.to_le_bytes());
        bytes.extend(offset.to_le_bytes());
        offset += 4 * numbers.len() as u64;
    }
    bytes.resize(bytes.len().next_multiple_of(32), 0);
    bytes.extend(tensors.iter().flat_map(|(_, _, numbers)| numbers).flat_map(|number| number.to_le_bytes()));
    bytes
}

/// Returns the size of a model of one layer of this architecture, as pairs.
pub fn shape(architecture: &str) -> Vec<Vec<u8>> {
    let own = |key: &str| format!("{architecture}.{key}");
    vec![
        pair("general.architecture", Meta::Text(architecture)),
        pair(&own("context_length"), Meta::Number(1024)),
        pair(&own("embedding_length"), Meta::Number(WIDTH as u32)),
        pair(&own("block_count"), Meta::Number(1)),
        pair(&own("feed_forward_length"), Meta::Number(WIDTH as u32)),
        pair(&own("attention.head_count"), Meta::Number(2)),
        pair(&own("attention.head_count_kv"), Meta::Number(1)),
        pair(&own("attention.key_length"), Meta::Number(HEAD as u32)),
        pair(&own("attention.value_length"), Meta::Number(HEAD as u32)),
        pair(&own("attention.layer_norm_rms_epsilon"), Meta::Real(1e-6)),
        pair(&own("rope.freq_base"), Meta::Real(10_000.0)),
    ]
}

/// Returns a vocabulary of GPT-2's kind, as pairs: words with their kinds, the last of which ends a text.
pub fn vocabulary(words: &[String], kinds: &[i32], end: usize) -> Vec<Vec<u8>> {
    vec![
        pair("tokenizer.ggml.model", Meta::Text("gpt2")),
        pair("tokenizer.ggml.pre", Meta::Text("qwen2")),
        pair("tokenizer.ggml.tokens", Meta::Texts(words)),
        pair("tokenizer.ggml.token_type", Meta::Kinds(kinds)),
        pair("tokenizer.ggml.merges", Meta::Texts(&["a b".to_owned()])),
        pair("tokenizer.ggml.eos_token_id", Meta::Number(end as u32)),
    ]
}

/// Returns the layer, and the norm after it. A hollow one adds nothing, so that the state stays the last token's embedding.
pub fn layer(hollow: bool) -> Vec<Tensor> {
    let ones = |count: usize| vec![1.0_f32; count];
    let dead = |seed, count| if hollow { vec![0.0; count] } else { made_up(seed, count) };
    let square = WIDTH * WIDTH;
    let block = |name: &str| format!("blk.0.{name}.weight");
    vec![
        ("output_norm.weight".into(), vec![WIDTH], ones(WIDTH)),
        (block("attn_norm"), vec![WIDTH], ones(WIDTH)),
        (block("attn_q"), vec![WIDTH, WIDTH], made_up(2, square)),
        (block("attn_k"), vec![WIDTH, HEAD], made_up(3, WIDTH * HEAD)),
        (block("attn_v"), vec![WIDTH, HEAD], made_up(4, WIDTH * HEAD)),
        (block("attn_output"), vec![WIDTH, WIDTH], dead(5, square)),
        (block("attn_q_norm"), vec![HEAD], ones(HEAD)),
        (block("attn_k_norm"), vec![HEAD], ones(HEAD)),
        (block("ffn_norm"), vec![WIDTH], ones(WIDTH)),
        (block("ffn_gate"), vec![WIDTH, WIDTH], made_up(6, square)),
        (block("ffn_up"), vec![WIDTH, WIDTH], made_up(7, square)),
        (block("ffn_down"), vec![WIDTH, WIDTH], dead(8, square)),
    ]
}
