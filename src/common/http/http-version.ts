import { type NextFunction, type Request, type Response } from 'express';

import { RequestError } from '../errors/errors.js';

const faultOf = ({ httpVersion, headers }: Request): string | undefined => {
  if (httpVersion !== '1.1' && httpVersion !== '1.0') return 'Speak HTTP/1.1.';
  return httpVersion === '1.1' && headers.host === undefined ? 'Send a Host header.' : undefined;
};

/** HTTP/1.1 demands a Host, and Node's own refusal has neither body nor request id. It lets HTTP/0.9 in. */
export const requireHttp1 = (request: Request, _response: Response, next: NextFunction): void => {
  const fault = faultOf(request);
  next(fault === undefined ? undefined : new RequestError('validation_failed', fault));
};
