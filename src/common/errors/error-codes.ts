/**
 * The one table of error codes. The exception filter, the OpenAPI document and `docs/errors.md`
 * are made from it, so what a client reads in one place is true in the others.
 */
export interface ErrorCodeDefinition {
  /** HTTP status of the problem document (RFC 9457). */
  readonly status: number;
  /** Short, stable, the same for every occurrence. */
  readonly title: string;
  readonly titleKo: string;
  /** Whether a task step that failed with this code is tried again. */
  readonly retryable: boolean;
  /** What the caller should do about it. */
  readonly advice: string;
  readonly adviceKo: string;
}

const define = (
  status: number,
  title: string,
  titleKo: string,
  advice: string,
  adviceKo: string,
  retryable = false,
): ErrorCodeDefinition => ({ status, title, titleKo, advice, adviceKo, retryable });

export const ERROR_CODES = {
  malformed_json: define(
    400,
    'The request body is not valid JSON',
    '요청 본문이 올바른 JSON이 아닙니다',
    'Send a JSON object encoded as UTF-8 with Content-Type: application/json.',
    'Content-Type: application/json으로 UTF-8 JSON 객체를 보내세요.',
  ),
  validation_failed: define(
    400,
    'The request does not match the contract',
    '요청이 계약과 맞지 않습니다',
    'Correct every field named in `errors` and send the request again.',
    '`errors`에 적힌 필드를 모두 고쳐 다시 보내세요.',
  ),
  unauthorized: define(
    401,
    'An API key is required',
    'API 키가 필요합니다',
    'Send a valid key as `Authorization: Bearer <key>` or `X-API-Key`.',
    '`Authorization: Bearer <키>` 또는 `X-API-Key`로 유효한 키를 보내세요.',
  ),
  forbidden: define(
    403,
    'This API key may not do that',
    '이 API 키에는 권한이 없습니다',
    'Use a key with the scope named in `detail`.',
    '`detail`에 적힌 권한(scope)을 가진 키를 사용하세요.',
  ),
  not_found: define(
    404,
    'There is nothing at this address',
    '해당 주소에 아무것도 없습니다',
    'Check the path and the identifier; ended tasks are removed after the retention time.',
    '경로와 식별자를 확인하세요. 끝난 작업은 보존 기간이 지나면 삭제됩니다.',
  ),
  method_not_allowed: define(
    405,
    'This method is not allowed here',
    '이 주소에서는 허용되지 않는 메서드입니다',
    'Use one of the methods in the Allow header.',
    'Allow 헤더에 적힌 메서드를 사용하세요.',
  ),
  request_timeout: define(
    408,
    'The request did not arrive in time',
    '요청이 제한 시간 안에 도착하지 않았습니다',
    'Send the whole request within the time limit, on a new connection.',
    '새 연결에서 제한 시간 안에 요청 전체를 보내세요.',
  ),
  task_not_cancelable: define(
    409,
    'The task has already ended',
    '이미 끝난 작업입니다',
    'Read the task: its final state does not change any more.',
    '작업을 조회하세요. 끝난 상태는 더 이상 바뀌지 않습니다.',
  ),
  task_running: define(
    409,
    'The task has not ended yet',
    '아직 끝나지 않은 작업입니다',
    'Cancel the task or wait until it has ended, then try again.',
    '작업을 취소하거나 끝날 때까지 기다린 뒤 다시 시도하세요.',
  ),
  payload_too_large: define(
    413,
    'The request body is too large',
    '요청 본문이 너무 큽니다',
    'Send a smaller body; photos go through POST /uploads or by URL.',
    '본문 크기를 줄이세요. 사진은 POST /uploads 또는 URL로 보냅니다.',
  ),
  unsupported_media_type: define(
    415,
    'This content type is not supported',
    '지원하지 않는 콘텐츠 형식입니다',
    'Send Content-Type: application/json encoded as UTF-8.',
    'UTF-8로 인코딩한 Content-Type: application/json으로 보내세요.',
  ),
  image_url_forbidden: define(
    422,
    'This photo address is not allowed',
    '허용되지 않는 사진 주소입니다',
    'Use a public http(s) address of the photo, without user name or password.',
    '사용자 이름이나 비밀번호가 없는 공개 http(s) 사진 주소를 사용하세요.',
  ),
  image_unreachable: define(
    422,
    'The photo could not be downloaded',
    '사진을 내려받을 수 없습니다',
    'Check that the address answers with the photo within the time limit.',
    '주소가 제한 시간 안에 사진을 돌려주는지 확인하세요.',
  ),
  image_too_large: define(
    422,
    'The photo is too large',
    '사진이 너무 큽니다',
    'Send a photo within the limits that GET /info lists.',
    'GET /info에 나오는 한도 안의 사진을 보내세요.',
  ),
  image_unreadable: define(
    422,
    'The photo could not be read',
    '사진을 읽을 수 없습니다',
    'The file is damaged or cut off: save or upload the photo again.',
    '파일이 손상되었거나 잘렸습니다. 사진을 다시 저장하거나 올리세요.',
  ),
  image_type_unsupported: define(
    422,
    'This kind of file is not supported',
    '지원하지 않는 파일 형식입니다',
    'Send a JPEG, PNG, WebP, AVIF or GIF photo.',
    'JPEG, PNG, WebP, AVIF, GIF 사진을 보내세요.',
  ),
  not_a_desk: define(
    422,
    'The photo does not show a desk',
    '책상 사진이 아닙니다',
    'Take a photo in which the whole desk can be seen.',
    '책상 전체가 보이는 사진을 찍어 주세요.',
  ),
  content_rejected: define(
    422,
    'The photo or prompt was refused by the content policy',
    '콘텐츠 정책에 따라 사진 또는 프롬프트가 거절되었습니다',
    'Use another photo; sending the same one again gives the same answer.',
    '다른 사진을 사용하세요. 같은 사진은 다시 보내도 거절됩니다.',
  ),
  idempotency_key_reused: define(
    422,
    'This Idempotency-Key was used with another body',
    '다른 본문에 이미 사용된 Idempotency-Key입니다',
    'Use a new key for a new request.',
    '새 요청에는 새 키를 사용하세요.',
  ),
  rate_limited: define(
    429,
    'Too many requests',
    '요청이 너무 많습니다',
    'Wait for the time in Retry-After.',
    'Retry-After에 적힌 시간만큼 기다리세요.',
  ),
  queue_full: define(
    429,
    'The queue is full',
    '대기열이 가득 찼습니다',
    'Wait for the time in Retry-After; nothing was started.',
    'Retry-After에 적힌 시간만큼 기다리세요. 시작된 작업은 없습니다.',
  ),
  budget_exhausted: define(
    429,
    "Today's budget is used up",
    '오늘의 예산을 모두 사용했습니다',
    'Wait for the time in Retry-After, or ask the operator to raise DAILY_BUDGET_USD.',
    'Retry-After에 적힌 시간만큼 기다리거나 운영자에게 DAILY_BUDGET_USD 상향을 요청하세요.',
  ),
  headers_too_large: define(
    431,
    'The request headers are too large',
    '요청 헤더가 너무 큽니다',
    'Send fewer or shorter headers, and a shorter address.',
    '헤더와 주소를 줄여 다시 보내세요.',
  ),
  internal_error: define(
    500,
    'Something went wrong on our side',
    '서버 내부 오류입니다',
    'Try again; if it goes on, tell us the request_id.',
    '다시 시도하고, 계속되면 request_id를 알려 주세요.',
    true,
  ),
  provider_failed: define(
    502,
    'A service we depend on gave an unusable answer',
    '외부 서비스의 응답을 사용할 수 없습니다',
    'Try again later; an operator has to look at it if it goes on.',
    '나중에 다시 시도하세요. 계속되면 운영자의 확인이 필요합니다.',
  ),
  provider_unavailable: define(
    503,
    'A service we depend on is unavailable',
    '외부 서비스를 사용할 수 없습니다',
    'Wait for the time in Retry-After.',
    'Retry-After에 적힌 시간만큼 기다리세요.',
    true,
  ),
  provider_timeout: define(
    504,
    'A service we depend on took too long',
    '외부 서비스의 응답 시간이 초과되었습니다',
    'Try again; the task list shows what was finished.',
    '다시 시도하세요. 끝난 단계는 작업에서 확인할 수 있습니다.',
    true,
  ),
} as const satisfies Record<string, ErrorCodeDefinition>;

export type ErrorCode = keyof typeof ERROR_CODES;

export const ERROR_CODE_NAMES = Object.keys(ERROR_CODES) as ErrorCode[];
