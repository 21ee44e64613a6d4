//! The body of a request, with a deadline: whoever sends it in drops is cut off. The body of an answer, in pieces.

use std::{
    pin::Pin,
    task::{Context, Poll, ready},
    time::Duration,
};

use axum::{BoxError, Error};
use bytes::Bytes;
use hyper::body::{Body, Frame, Incoming, SizeHint};
use tokio::time::Sleep;

/// The body did not arrive in time.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("the body did not arrive in time")]
struct TooSlow;

/// A body that must have arrived within `patience` of the first wait for it.
pub(super) struct Timed {
    body: Incoming,
    patience: Duration,
    /// Set at the first wait: most bodies arrive with their head and need no timer.
    deadline: Option<Pin<Box<Sleep>>>,
}

impl Timed {
    pub(super) fn new(body: Incoming, patience: Duration) -> Self {
        Self {
            body,
            patience,
            deadline: None,
        }
    }
}

impl Body for Timed {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        if let Poll::Ready(frame) = Pin::new(&mut self.body).poll_frame(context) {
            return Poll::Ready(frame.map(|frame| frame.map_err(BoxError::from)));
        }
        let patience = self.patience;
        let deadline = self.deadline.get_or_insert_with(|| Box::pin(super::pause(patience)));
        ready!(deadline.as_mut().poll(context));
        Poll::Ready(Some(Err(TooSlow.into())))
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

/// So many bytes of a body are sent together, at most.
const PIECE: usize = 64 * 1024;

/// A body that is sent in pieces. Each is copied behind the head of its answer, and the connection keeps the memory which
/// that took: a file at once would leave it with as much as the file.
pub(super) struct InPieces {
    body: axum::body::Body,
    rest: Bytes,
}

impl InPieces {
    pub(super) fn new(body: axum::body::Body) -> Self {
        Self {
            body,
            rest: Bytes::new(),
        }
    }
}

impl Body for InPieces {
    type Data = Bytes;
    type Error = Error;

    fn poll_frame(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Error>>> {
        if self.rest.is_empty() {
            match ready!(Pin::new(&mut self.body).poll_frame(context)).transpose()? {
                Some(frame) if frame.data_ref().is_some_and(|data| data.len() > PIECE) => {
                    self.rest = frame.into_data().unwrap_or_default();
                }
                frame => return Poll::Ready(frame.map(Ok)),
            }
        }
        let piece = self.rest.len().min(PIECE);
        Poll::Ready(Some(Ok(Frame::data(self.rest.split_to(piece)))))
    }

    fn is_end_stream(&self) -> bool {
        self.rest.is_empty() && self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        let (inner, rest) = (
            self.body.size_hint(),
            u64::try_from(self.rest.len()).unwrap_or_default(),
        );
        let mut whole = SizeHint::new();
        whole.set_lower(inner.lower() + rest);
        if let Some(upper) = inner.upper() {
            whole.set_upper(upper + rest);
        }
        whole
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_body_is_sent_in_pieces_and_none_is_lost() {
        let cases = [
            (0, vec![]),
            (1, vec![1]),
            (PIECE, vec![PIECE]),
            (PIECE + 1, vec![PIECE, 1]),
            (3 * PIECE, vec![PIECE; 3]),
        ];
        for (size, expected) in cases {
            let whole: Bytes = (0..=250_u8).cycle().take(size).collect();
            let mut body = InPieces::new(whole.clone().into());
            let (mut sizes, mut sent) = (Vec::new(), Vec::new());
            while !body.is_end_stream() {
                let left = u64::try_from(size - sent.len()).unwrap();
                assert_eq!(body.size_hint().exact(), Some(left), "{size}");
                let polled = Pin::new(&mut body).poll_frame(&mut Context::from_waker(std::task::Waker::noop()));
                let Poll::Ready(Some(Ok(frame))) = polled else {
                    panic!("{size}: {polled:?}");
                };
                let piece = frame.into_data().unwrap();
                sizes.push(piece.len());
                sent.extend_from_slice(&piece);
            }
            assert_eq!(sizes, expected, "{size}");
            assert_eq!(sent, whole, "{size}");
        }
    }
}
