//! One connection: a request, its answer, and the next, until the watchman tells it to end.

use std::convert::Infallible;
use std::future::poll_fn;
use std::net::IpAddr;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll};

use axum::body::Body;
use axum::http::{Request, Response, StatusCode};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite};

use super::answer::words;
use super::watchman::{Line, Told, Watched};

/// A request head beyond this many bytes is refused.
const HEAD_BYTES: usize = 32 * 1024;

/// An answer: one that is there, or one that is waited for.
pub(super) enum Answer {
    Now(Response<Body>),
    Later(Pin<Box<dyn Future<Output = Response<Body>> + Send>>),
}

impl Answer {
    pub(super) fn later(answer: impl Future<Output = Response<Body>> + Send + 'static) -> Self {
        Self::Later(Box::pin(answer))
    }

    /// The answer, once it is there. A panic on the way is an answer too.
    async fn wait(self) -> Response<Body> {
        match self {
            Self::Now(response) => response,
            Self::Later(mut answer) => {
                let poll = |context: &mut Context<'_>| {
                    let polled = catch_unwind(AssertUnwindSafe(|| answer.as_mut().poll(context)));
                    polled.unwrap_or_else(|_| Poll::Ready(panicked()))
                };
                poll_fn(poll).await
            }
        }
    }
}

/// What the reader hears of a panic; the operator finds it in the log.
fn panicked() -> Response<Body> {
    words(
        StatusCode::INTERNAL_SERVER_ERROR,
        "程序出错，已记入日志。Something went wrong here; it is in the log.\n",
    )
}

/// Answers the requests of one connection, until `line` tells it to end.
pub(super) async fn converse<S, A>(stream: S, peer: IpAddr, answer: A, line: Arc<Line>)
where
    S: AsyncRead + AsyncWrite + Unpin,
    A: Fn(Request<Incoming>, IpAddr) -> Answer,
{
    let asked = Arc::clone(&line);
    let service = service_fn(move |request: Request<Incoming>| {
        let begun = catch_unwind(AssertUnwindSafe(|| answer(request, peer)));
        let answer = begun.unwrap_or_else(|_| Answer::Now(panicked()));
        let line = matches!(answer, Answer::Later(_)).then(|| Arc::clone(&asked));
        async move {
            let Some(line) = line else { return Ok::<_, Infallible>(answer.wait().await) };
            line.begins();
            let response = answer.wait().await;
            line.has_answer();
            Ok(response)
        }
    });
    let stream = TokioIo::new(Watched::new(stream, Arc::clone(&line)));
    let connection = http1::Builder::new()
        .header_read_timeout(None)
        .max_buf_size(HEAD_BYTES)
        .serve_connection(stream, service);
    let mut connection = pin!(connection);
    let (mut is_heard, mut is_finishing) = (false, false);
    poll_fn(|context| {
        // The waker of a task stays the same; each call uses it up.
        if !is_heard {
            line.wakes(context.waker());
            is_heard = true;
        }
        // A reader that breaks off is no fault of ours, here and below.
        if connection.as_mut().poll(context).is_ready() {
            return Poll::Ready(());
        }
        match line.told() {
            Told::Finish if !is_finishing => {
                is_finishing = true;
                line.wakes(context.waker());
                connection.as_mut().graceful_shutdown();
                let ended = connection.as_mut().poll(context).is_ready();
                if ended || line.told() == Told::Drop { Poll::Ready(()) } else { Poll::Pending }
            }
            Told::Stay | Told::Finish => Poll::Pending,
            Told::Drop => Poll::Ready(()),
        }
    })
    .await;
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream};
    use tokio::time::Instant;

    use super::super::watchman::{LOOK, Watch};
    use super::*;

    const REQUEST: &[u8] = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n";

    /// The near end of a connection under the eyes of a watchman, answered with `bytes`.
    fn talk(bytes: &'static [u8]) -> DuplexStream {
        talk_with(move |_| Answer::Now(Response::new(Body::from(bytes))))
    }

    /// Likewise, answered by `answer`.
    fn talk_with<A>(answer: A) -> DuplexStream
    where
        A: Fn(Request<Incoming>) -> Answer + Send + Sync + 'static,
    {
        let (near, far) = tokio::io::duplex(1024);
        let mut watch = Watch::default();
        let line = watch.open(Instant::now());
        let answer = move |request, _| answer(request);
        tokio::spawn(converse(far, IpAddr::from([127, 0, 0, 1]), answer, line));
        tokio::spawn(async move {
            while !watch.is_idle() {
                tokio::time::sleep(LOOK).await;
                watch.look(Instant::now());
            }
        });
        near
    }

    #[tokio::test(start_paused = true)]
    async fn a_client_that_sends_its_head_byte_by_byte_is_dropped() {
        let (mut client, begun) = (talk(b"hello"), Instant::now());
        for byte in b"GET / HTTP/1.1\r\nHost: ".iter().chain(std::iter::repeat(&b'x')) {
            if client.write_all(&[*byte]).await.is_err() {
                break;
            }
            tokio::time::sleep(Duration::from_secs(1)).await;
        }
        assert!(begun.elapsed() < Duration::from_secs(20), "{:?}", begun.elapsed());
        let mut heard = Vec::new();
        client.read_to_end(&mut heard).await.unwrap();
        assert!(heard.is_empty());
    }

    #[tokio::test(start_paused = true)]
    async fn an_answer_and_the_body_it_needs_may_take_their_time() {
        let mut client = talk_with(|request| {
            Answer::later(async {
                let whole = axum::body::to_bytes(Body::new(request.into_body()), 1024).await;
                tokio::time::sleep(Duration::from_secs(100)).await;
                Response::new(Body::from(whole.unwrap()))
            })
        });
        let head = b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\n";
        client.write_all(head).await.unwrap();
        for byte in b"0123456789" {
            tokio::time::sleep(Duration::from_secs(20)).await;
            client.write_all(&[*byte]).await.unwrap();
        }
        // After its answer the client is idle, and dropped.
        let (mut heard, begun) = (String::new(), Instant::now());
        client.read_to_string(&mut heard).await.unwrap();
        assert!(heard.ends_with("0123456789"), "{heard}");
        assert!(begun.elapsed() < Duration::from_secs(120), "{:?}", begun.elapsed());
    }

    #[tokio::test(start_paused = true)]
    async fn a_slow_reader_gets_all_of_a_large_answer() {
        const LARGE: &[u8] = &[b'.'; 20 * 1024];
        let (mut client, begun) = (talk(LARGE), Instant::now());
        client.write_all(REQUEST).await.unwrap();
        let (mut heard, mut piece) = (0, [0; 1000]);
        loop {
            tokio::time::sleep(Duration::from_secs(20)).await;
            let length = client.read(&mut piece).await.unwrap();
            heard += length;
            if length == 0 {
                break;
            }
        }
        assert!(heard > LARGE.len(), "{heard}");
        assert!(begun.elapsed() > Duration::from_secs(400));
    }

    #[tokio::test(start_paused = true)]
    async fn a_client_that_takes_nothing_of_its_answer_is_dropped() {
        let mut client = talk(&[b'.'; 20 * 1024]);
        client.write_all(REQUEST).await.unwrap();
        tokio::time::sleep(Duration::from_secs(70)).await;
        let mut heard = Vec::new();
        client.read_to_end(&mut heard).await.unwrap();
        assert_eq!(heard.len(), 1024);
    }

    #[tokio::test(start_paused = true)]
    async fn a_client_that_does_not_take_its_last_answer_is_dropped() {
        let (mut client, far) = tokio::io::duplex(1024);
        let (mut watch, begun) = (Watch::default(), Instant::now());
        let line = watch.open(begun);
        let answer = |_, _| Answer::Now(Response::new(Body::from(vec![b'.'; 20 * 1024])));
        let talk = tokio::spawn(converse(far, IpAddr::from([127, 0, 0, 1]), answer, line));
        client.write_all(REQUEST).await.unwrap();
        tokio::time::sleep(LOOK).await;
        watch.finish(Instant::now());
        tokio::task::yield_now().await;
        tokio::time::sleep(Duration::from_secs(40)).await;
        watch.look(Instant::now());
        tokio::time::timeout(LOOK, talk).await.unwrap().unwrap();
        let mut heard = Vec::new();
        client.read_to_end(&mut heard).await.unwrap();
        assert_eq!(heard.len(), 1024);
    }

    #[tokio::test(start_paused = true)]
    async fn a_connection_that_asks_for_ever_is_ended() {
        let (mut client, begun) = (talk(b"hello"), Instant::now());
        let mut answers = 0;
        let mut piece = [0; 1024];
        while client.write_all(REQUEST).await.is_ok() {
            let length = client.read(&mut piece).await.unwrap();
            if length == 0 {
                break;
            }
            assert!(piece[..length].ends_with(b"hello"));
            answers += 1;
            tokio::time::sleep(Duration::from_secs(7)).await;
        }
        // The last of them after 595 seconds.
        assert_eq!((answers, begun.elapsed().as_secs()), (86, 602));
    }
}
