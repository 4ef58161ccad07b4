//! What only llama.cpp's C interface has: loading without repacked weights, a context that can be
//! aborted, copies of sequences, and the log. Everything unsafe of this backend is here.

use std::collections::VecDeque;
use std::ffi::{CStr, CString, c_char, c_void};
use std::io::Write;
use std::marker::PhantomData;
use std::path::Path;
use std::ptr::NonNull;
use std::sync::{Mutex, PoisonError};

use llama_cpp_2::llama_backend::LlamaBackend;
use llama_cpp_2::model::LlamaModel;
use llama_cpp_sys_2 as sys;

use super::CANCEL;
use crate::worker::ModelTask;

/// Lines of warnings and errors that are kept for error messages.
const KEPT_LINES: usize = 40;

static COMPLAINTS: Mutex<VecDeque<String>> = Mutex::new(VecDeque::new());

unsafe extern "C" fn on_log(level: sys::ggml_log_level, text: *const c_char, _: *mut c_void) {
    if text.is_null() || level == sys::GGML_LOG_LEVEL_DEBUG {
        return;
    }
    // SAFETY: llama.cpp passes a terminated string that lives during the call.
    let text = unsafe { CStr::from_ptr(text) }.to_string_lossy();
    // Its own line ends come with it.
    let _ = write!(output::err(), "{text}");
    if matches!(level, sys::GGML_LOG_LEVEL_WARN | sys::GGML_LOG_LEVEL_ERROR) {
        let mut lines = COMPLAINTS.lock().unwrap_or_else(PoisonError::into_inner);
        if lines.len() == KEPT_LINES {
            lines.pop_front();
        }
        lines.push_back(text.trim_end().to_string());
    }
}

/// Sends llama.cpp's and ggml's log to stderr and keeps its complaints.
pub(super) fn capture_log() {
    // SAFETY: the callback is a plain function and needs no data.
    unsafe {
        sys::llama_log_set(Some(on_log), std::ptr::null_mut());
        sys::ggml_log_set(Some(on_log), std::ptr::null_mut());
    }
}

/// Returns llama.cpp's last `most` warnings and errors, oldest first, and forgets all.
pub(super) fn complaints(most: usize) -> Vec<String> {
    let mut lines = COMPLAINTS.lock().unwrap_or_else(PoisonError::into_inner);
    let skipped = lines.len().saturating_sub(most);
    lines.drain(..).skip(skipped).collect()
}

unsafe extern "C" fn on_load_progress<F: FnMut(f32)>(share: f32, data: *mut c_void) -> bool {
    // SAFETY: `data` is the closure that `load_model` keeps alive during the load.
    let callback = unsafe { &mut *data.cast::<F>() };
    callback(share);
    true
}

/// Loads the weights. `repack` allows copies in the layout that the processor is fastest with. `None`
/// means that llama.cpp refused; [`complaints`] has the reason.
pub(super) fn load_model<F: FnMut(f32)>(
    _backend: &LlamaBackend,
    path: &Path,
    gpu_layers: u32,
    repack: bool,
    mut progress: F,
) -> Option<LlamaModel> {
    let path = CString::new(path.to_str()?).ok()?;
    // SAFETY: no preconditions.
    let mut params = unsafe { sys::llama_model_default_params() };
    params.n_gpu_layers = i32::try_from(gpu_layers).unwrap_or(i32::MAX);
    params.use_extra_bufts = repack;
    params.progress_callback = Some(on_load_progress::<F>);
    params.progress_callback_user_data = (&raw mut progress).cast();
    // SAFETY: the path is terminated, and the closure outlives the call.
    let model = unsafe { sys::llama_model_load_from_file(path.as_ptr(), params) };
    let model = NonNull::new(model)?;
    // SAFETY: `LlamaModel` is a transparent wrapper of the non-null model pointer that it owns; the
    // binding has no constructor for a model that was loaded with parameters of its own.
    Some(unsafe { std::mem::transmute::<NonNull<sys::llama_model>, LlamaModel>(model) })
}

fn raw_model(model: &LlamaModel) -> NonNull<sys::llama_model> {
    // SAFETY: as in `load_model`, the other way round.
    unsafe { *std::ptr::from_ref(model).cast::<NonNull<sys::llama_model>>() }
}

/// Returns whether the model writes text from left to right with a decoder alone.
pub(super) fn is_causal_decoder(model: &LlamaModel) -> bool {
    let raw = raw_model(model).as_ptr();
    // SAFETY: the model is alive.
    unsafe {
        sys::llama_model_has_decoder(raw)
            && !sys::llama_model_has_encoder(raw)
            && !sys::llama_model_is_diffusion(raw)
    }
}

/// Returns the names of the classes of the model's head.
pub(super) fn class_labels(model: &LlamaModel) -> Vec<String> {
    let raw = raw_model(model).as_ptr();
    // SAFETY: the model is alive.
    let classes = unsafe { sys::llama_model_n_cls_out(raw) };
    let label = |class| {
        // SAFETY: a class without a name gives null; a name lives as long as the model.
        let name = unsafe { sys::llama_model_cls_label(raw, class) };
        // SAFETY: it is terminated.
        if name.is_null() {
            String::new()
        } else {
            unsafe { CStr::from_ptr(name) }.to_string_lossy().into_owned()
        }
    };
    (0..classes).map(label).collect()
}

/// How a context is set up.
#[derive(Debug, Clone, Copy)]
pub(super) struct ContextOptions {
    /// Positions a sequence.
    pub(super) ctx: u32,
    pub(super) sequences: u32,
    /// Tokens that are evaluated at once.
    pub(super) batch: u32,
    /// Rows of logits that one decode call may ask for.
    pub(super) rows: u32,
    pub(super) threads: i32,
    /// Whether a GPU computes. Then all sequences share one cache and flash attention may be used: copies between caches of
    /// their own cost more there than to attend to the cells of all. On a CPU that would halve the speed of decoding.
    pub(super) gpu: bool,
    /// What is wanted: the next token, classes of what was read, or tokens of all places, which then see each other.
    pub(super) task: ModelTask,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct BatchRow {
    pub(super) token: i32,
    /// Its position in the sequence.
    pub(super) position: usize,
    /// The sequence.
    pub(super) slot: usize,
    /// Whether its logits are wanted.
    pub(super) logits: bool,
}

/// Why a decode call gave nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum DecodeError {
    /// It was cancelled; part of the batch may have been evaluated.
    Aborted,
    /// llama.cpp's error number.
    Failed(i32),
}

/// A context with its sequences ("slots").
pub(super) struct Context<'m> {
    raw: NonNull<sys::llama_context>,
    vocabulary: usize,
    options: ContextOptions,
    model: PhantomData<&'m LlamaModel>,
}

unsafe extern "C" fn is_cancelled(_: *mut c_void) -> bool {
    CANCEL.is_set()
}

impl<'m> Context<'m> {
    /// Returns a new context, or `None` with the reason in [`complaints`].
    pub(super) fn new(model: &'m LlamaModel, options: ContextOptions) -> Option<Self> {
        // SAFETY: no preconditions.
        let mut params = unsafe { sys::llama_context_default_params() };
        params.n_ctx = options.ctx.checked_mul(options.sequences)?;
        params.n_seq_max = options.sequences;
        params.n_batch = options.batch;
        params.n_ubatch = options.batch;
        params.n_outputs_max = options.rows;
        params.n_threads = options.threads;
        params.n_threads_batch = options.threads;
        params.kv_unified = options.gpu;
        params.flash_attn_type =
            if options.gpu { sys::LLAMA_FLASH_ATTN_TYPE_AUTO } else { sys::LLAMA_FLASH_ATTN_TYPE_DISABLED };
        if options.task == ModelTask::Rank {
            params.embeddings = true;
            params.pooling_type = sys::LLAMA_POOLING_TYPE_RANK;
        }
        params.abort_callback = Some(is_cancelled);
        // SAFETY: the model outlives the context by the lifetime; there is one context and one thread.
        let raw = unsafe { sys::llama_init_from_model(raw_model(model).as_ptr(), params) };
        let vocabulary = usize::try_from(model.n_vocab()).ok()?;
        let mut context = Self { raw: NonNull::new(raw)?, vocabulary, options, model: PhantomData };
        if options.task == ModelTask::Fill {
            context.set_causal(false);
        }
        Some(context)
    }

    /// Evaluates `rows`. Tokens and slots must be valid, and there may be no more rows than the batch size
    /// and no more logits than agreed: llama.cpp would abort the process.
    pub(super) fn decode(&mut self, rows: &[BatchRow]) -> Result<(), DecodeError> {
        let wanted = rows.iter().filter(|row| row.logits).count();
        let valid = |row: &BatchRow| {
            usize::try_from(row.token).is_ok_and(|token| token < self.vocabulary)
                && row.slot < self.options.sequences as usize
        };
        if rows.is_empty()
            || rows.len() > self.options.batch as usize
            || wanted > self.options.rows as usize
            || !rows.iter().all(valid)
        {
            return Err(DecodeError::Failed(-1));
        }
        let mut tokens: Vec<i32> = rows.iter().map(|row| row.token).collect();
        // SAFETY: there is one token for each row, and ids were checked above.
        unsafe { self.decode_batch(rows, tokens.as_mut_ptr(), std::ptr::null_mut()) }
    }

    /// Evaluates vectors in place of tokens, at the positions from `first` on of sequence 0, with logits for each. They must be
    /// as wide as the model, and there may be no more of them than the batch size.
    pub(super) fn decode_vectors(&mut self, vectors: &[Vec<f32>], first: usize) -> Result<(), DecodeError> {
        // SAFETY: the model is alive as long as the context.
        let width = unsafe { sys::llama_model_n_embd_inp(sys::llama_get_model(self.raw.as_ptr())) };
        if vectors.is_empty()
            || vectors.len() > (self.options.batch.min(self.options.rows)) as usize
            || vectors.iter().any(|vector| i32::try_from(vector.len()) != Ok(width))
        {
            return Err(DecodeError::Failed(-1));
        }
        let row = |at| BatchRow { token: 0, position: first + at, slot: 0, logits: true };
        let rows: Vec<BatchRow> = (0..vectors.len()).map(row).collect();
        let mut numbers = vectors.concat();
        // SAFETY: there is one vector of the model's width for each row.
        unsafe { self.decode_batch(&rows, std::ptr::null_mut(), numbers.as_mut_ptr()) }
    }

    /// Evaluates `rows`, whose tokens or vectors are given; the other pointer is null.
    ///
    /// # Safety
    /// The array that is given has an entry for each row, of the model's width if it holds vectors.
    unsafe fn decode_batch(
        &mut self,
        rows: &[BatchRow],
        tokens: *mut i32,
        vectors: *mut f32,
    ) -> Result<(), DecodeError> {
        let mut positions: Vec<i32> = rows.iter().map(|row| row.position as i32).collect();
        let mut counts = vec![1; rows.len()];
        let mut slots: Vec<i32> = rows.iter().map(|row| row.slot as i32).collect();
        let mut slot_pointers: Vec<*mut i32> = slots.iter_mut().map(std::ptr::from_mut).collect();
        let mut logits: Vec<i8> = rows.iter().map(|row| i8::from(row.logits)).collect();
        let batch = sys::llama_batch {
            n_tokens: rows.len() as i32,
            token: tokens,
            embd: vectors,
            pos: positions.as_mut_ptr(),
            n_seq_id: counts.as_mut_ptr(),
            seq_id: slot_pointers.as_mut_ptr(),
            logits: logits.as_mut_ptr(),
        };
        // SAFETY: every array has `n_tokens` entries and lives through the call; the caller answers for the rest.
        match unsafe { sys::llama_decode(self.raw.as_ptr(), batch) } {
            0 => Ok(()),
            2 => Err(DecodeError::Aborted),
            other => Err(DecodeError::Failed(other)),
        }
    }

    /// Sets whether places see only those before them.
    pub(super) fn set_causal(&mut self, causal: bool) {
        // SAFETY: the context is alive.
        unsafe { sys::llama_set_causal_attn(self.raw.as_ptr(), causal) };
    }

    /// Returns the logits of row `row` of the last batch, if they were asked for.
    pub(super) fn logits(&self, row: usize) -> Option<&[f32]> {
        let row = i32::try_from(row).ok()?;
        // SAFETY: an index without logits gives null.
        let data = unsafe { sys::llama_get_logits_ith(self.raw.as_ptr(), row) };
        // SAFETY: a row of logits has one number a token of the vocabulary and stays until the next decode,
        // which needs `&mut self`.
        (!data.is_null()).then(|| unsafe { std::slice::from_raw_parts(data, self.vocabulary) })
    }

    /// Returns what the head says of the last token of sequence 0, a number a class; `None` in a context without a
    /// head.
    pub(super) fn pooled(&self, classes: usize) -> Option<&[f32]> {
        if self.options.task != ModelTask::Rank {
            return None;
        }
        // SAFETY: a sequence that was not evaluated gives null.
        let data = unsafe { sys::llama_get_embeddings_seq(self.raw.as_ptr(), 0) };
        // SAFETY: rank pooling gives one number a class, and `classes` is the model's own number of them; they stay
        // until the next decode, which needs `&mut self`.
        (!data.is_null()).then(|| unsafe { std::slice::from_raw_parts(data, classes) })
    }

    fn memory(&self) -> sys::llama_memory_t {
        // SAFETY: the context is alive.
        unsafe { sys::llama_get_memory(self.raw.as_ptr()) }
    }

    /// Forgets a slot from position `from` on; false when the model's memory cannot do that.
    pub(super) fn trim(&mut self, slot: usize, from: usize) -> bool {
        // SAFETY: slots are below the number of sequences.
        unsafe { sys::llama_memory_seq_rm(self.memory(), slot as i32, from as i32, -1) }
    }

    /// Makes slot `to` a copy of slot `from`. Whole sequences only: kept apart, a part aborts the process.
    pub(super) fn copy(&mut self, from: usize, to: usize) {
        if from != to {
            self.trim(to, 0);
            // SAFETY: slots are below the number of sequences; the range is the whole.
            unsafe { sys::llama_memory_seq_cp(self.memory(), from as i32, to as i32, -1, -1) };
        }
    }

    /// Forgets everything.
    pub(super) fn clear(&mut self) {
        // SAFETY: the context is alive.
        unsafe { sys::llama_memory_clear(self.memory(), false) };
    }
}

impl Drop for Context<'_> {
    fn drop(&mut self) {
        // SAFETY: owned and not used again.
        unsafe { sys::llama_free(self.raw.as_ptr()) };
    }
}
