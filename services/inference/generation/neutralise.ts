/**
 * Takes the meaning out of chat-template control tokens: text that came from outside must not be
 * able to end its own message and begin another's. The text stays readable.
 */
export function neutralise(text: string): string {
  return text
    .replaceAll(/<\|/g, '<\u200B|')
    .replaceAll(/\|>/g, '|\u200B>')
    .replaceAll(/\[(\/?)(INST|SYS|AVAILABLE_TOOLS|TOOL_CALLS|TOOL_RESULTS)\]/g, '[\u200B$1$2]')
    .replaceAll(
      /<(\/?)(s|bos|eos|start_of_turn|end_of_turn|tool_call|tool_response|think)>/g,
      '<\u200B$1$2>',
    )
    .replaceAll(/<<(\/?)SYS>>/g, '<<\u200B$1SYS>>')
    .replaceAll(/<｜/g, '<\u200B｜');
}
