//! Why a question is not answered, as JSON (RFC 9457).

use axum::body::Body;
use axum::http::{Response, StatusCode, header};
use serde::Serialize;

use crate::model::{Both, Lang};
use crate::store::StoreError;
use crate::text::query::QueryError;

use super::super::answer::{fresh, set};

/// A question that is not answered.
#[derive(Debug)]
pub(super) struct Refusal {
    status: StatusCode,
    code: &'static str,
    what: Both,
    /// Seconds after which the same question may be answered.
    retry_after: Option<u64>,
}

#[derive(Serialize)]
struct Problem<'a> {
    r#type: &'static str,
    title: &'static str,
    status: u16,
    code: &'static str,
    detail: &'a str,
    detail_en: &'a str,
}

impl Refusal {
    fn new(
        status: StatusCode,
        code: &'static str,
        zh: impl Into<String>,
        en: impl Into<String>,
    ) -> Self {
        Self { status, code, what: Both::new(zh, en), retry_after: None }
    }

    fn after(self, seconds: u64) -> Self {
        Self { retry_after: Some(seconds), ..self }
    }

    /// A parameter that cannot be understood.
    pub(super) fn parameter(zh: impl Into<String>, en: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "bad-parameter", zh, en)
    }

    pub(super) fn query(error: QueryError) -> Self {
        let zh = match error {
            QueryError::TooLong => "q 过长：最多 200 个字符",
            QueryError::TooMany => "q 的词过多：最多 8 个",
            QueryError::NoWord => "q 中至少应有一个要找的词",
        };
        Self::parameter(zh, format!("q: {error}"))
    }

    pub(super) fn no_such_path() -> Self {
        let zh = "没有这个接口；接口说明见 /api/openapi.json";
        let en = "no such address; `/api/openapi.json` describes what there is";
        Self::new(StatusCode::NOT_FOUND, "not-found", zh, en)
    }

    pub(super) fn unknown_feed(slug: &str) -> Self {
        let (zh, en) = (format!("没有订阅“{slug}”"), format!("no feed `{slug}`"));
        Self::new(StatusCode::NOT_FOUND, "unknown-feed", zh, en)
    }

    pub(super) fn unknown_site(id: &str) -> Self {
        let (zh, en) = (format!("没有站点“{id}”"), format!("no site `{id}`"));
        Self::new(StatusCode::NOT_FOUND, "unknown-site", zh, en)
    }

    pub(super) fn not_yours(slug: &str) -> Self {
        let (zh, en) = (format!("未获准读取订阅“{slug}”"), format!("feed `{slug}` is not yours"));
        Self::new(StatusCode::FORBIDDEN, "forbidden-feed", zh, en)
    }

    pub(super) fn no_token() -> Self {
        let zh = "请出示口令：Authorization: Bearer 口令";
        let en = "a token is wanted: Authorization: Bearer TOKEN";
        Self::new(StatusCode::UNAUTHORIZED, "token-wanted", zh, en)
    }

    pub(super) fn wrong_token() -> Self {
        let (zh, en) = ("口令无效；请向运营者核对", "the token is not known; ask the operator");
        Self::new(StatusCode::UNAUTHORIZED, "token-unknown", zh, en)
    }

    pub(super) fn ahead(last: u64) -> Self {
        let zh = format!(
            "after 大于现有的最后序号 {last}：数据库曾经重建；请从 after=0 重新读取，文章编号不变"
        );
        let en = format!(
            "after is beyond the last number, {last}: the database was built anew; start again from after=0, ids are the same"
        );
        Self::new(StatusCode::CONFLICT, "cursor-ahead", zh, en)
    }

    pub(super) fn too_often(seconds: u64) -> Self {
        let zh = format!("请求过于频繁；请在 {seconds} 秒后再来");
        let en = format!("too many requests; come back in {seconds} s");
        Self::new(StatusCode::TOO_MANY_REQUESTS, "too-many-requests", zh, en).after(seconds)
    }

    pub(super) fn busy() -> Self {
        let zh = "此刻等待的请求过多；请稍后再来，或不用 wait";
        let en = "too many requests are waiting just now; come back later, or without wait";
        Self::new(StatusCode::SERVICE_UNAVAILABLE, "busy", zh, en).after(5)
    }

    pub(super) fn too_slow() -> Self {
        let zh = "搜索时间过长；请加上更多词语或指明网站";
        let en = "the search took too long; add a word or name a site";
        Self::new(StatusCode::SERVICE_UNAVAILABLE, "search-too-long", zh, en).after(5)
    }

    pub(super) fn not_yet() -> Self {
        let (zh, en) = ("尚未发布；请稍后再来", "nothing is published yet; come back soon");
        Self::new(StatusCode::SERVICE_UNAVAILABLE, "not-published", zh, en).after(60)
    }

    /// What went wrong inside is for the operator; the reader may come back.
    pub(super) fn store(error: &StoreError) -> Self {
        tracing::error!(code = error.code().as_str(), "{error}");
        let (zh, en) = ("数据库暂时不可用；请稍后再来", "the store cannot be read just now");
        Self::new(StatusCode::SERVICE_UNAVAILABLE, "store-failed", zh, en).after(60)
    }

    /// The sentence for people.
    pub(super) fn sentence(&self, lang: Lang) -> &str {
        self.what.text(lang)
    }

    /// The status it is answered with.
    pub(super) fn status(&self) -> StatusCode {
        self.status
    }

    /// The answer.
    pub(super) fn response(&self) -> Response<Body> {
        let problem = Problem {
            r#type: "about:blank",
            title: self.status.canonical_reason().unwrap_or_default(),
            status: self.status.as_u16(),
            code: self.code,
            detail: self.what.text(Lang::Zh),
            detail_en: self.what.text(Lang::En),
        };
        let body = serde_json::to_vec(&problem).unwrap_or_default();
        let mut response = fresh(self.status, "application/problem+json", body);
        let headers = response.headers_mut();
        set(headers, header::VARY, "Authorization");
        set(headers, header::CACHE_CONTROL, "no-store");
        if let Some(seconds) = self.retry_after {
            set(headers, header::RETRY_AFTER, &seconds.to_string());
        }
        if self.status == StatusCode::UNAUTHORIZED {
            set(headers, header::WWW_AUTHENTICATE, "Bearer realm=\"lianbo\"");
        }
        response
    }
}
