/** The faults of a recording as rules of the gateway. */
import type { EdgeRule } from '../../gateway/protocol.ts';
import type { RecordedFault } from './recording.ts';

/** What the recordings' server said. The words of a server are not compared; these make a log easy to read. */
const MESSAGE = 'x';

/** One rule a fault, in the order of the recording: where several are about a request, the first that has `times` left acts on it. */
export function faultRules(faults: readonly RecordedFault[]): EdgeRule[] {
  return faults.map((fault, index) => faultRule(fault, `${index + 1}-${fault.action}`));
}

function faultRule(fault: RecordedFault, rule: string): EdgeRule {
  const match = { method: fault.method, target: literally(fault.pathContains), times: fault.times };
  const about = { rule, seed: 0, match };
  switch (fault.action) {
    case 'answer':
      return { ...about, kind: 'answer-error', status: fault.status, code: fault.code, message: MESSAGE };
    case 'reset-before-apply':
      return { ...about, kind: 'cut', when: 'before-apply' };
    case 'apply-then-reset':
      return { ...about, kind: 'cut', when: 'after-apply' };
    case 'never-answer':
      return { ...about, kind: 'hold', when: 'before-apply' };
    case 'answer-200-with-error-body': {
      const { code } = fault;
      return { ...about, kind: 'complete-200-error', code, message: MESSAGE, applied: false, spacesForMs: 0 };
    }
  }
}

/** A regular expression that matches nothing but this text. */
function literally(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}
