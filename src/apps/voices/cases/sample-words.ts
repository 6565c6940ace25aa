import type { Language } from '../../../kernel/text.ts';

/** What a made-up colleague answers in the sample company's cases, and what its customers say to that. */
export const SAMPLE_ANSWERS: Record<Language, { answers: string[]; thanks: string[]; note: string }> = {
  en: {
    answers: [
      'I am sorry, this should not have happened. Your postage is back on your account, and I am keeping an eye on your next parcel myself.',
      'Thank you for telling us. A replacement left this morning with another carrier; you need not send anything back.',
      'You are right to be annoyed. I have passed it on to the people who can mend it, and taken ten per cent off this order.',
    ],
    thanks: ['Thank you, that was quick.', 'All well now. I will order again.', ''],
    note: 'Called, and nobody answered. Trying again tomorrow.',
  },
  pl: {
    answers: [
      'Bardzo przepraszam, tak nie powinno być. Zwróciliśmy koszt wysyłki, a następnej paczki dopilnuję osobiście.',
      'Dziękuję za wiadomość. Dziś rano wysłaliśmy nową sztukę innym kurierem, niczego nie trzeba odsyłać.',
    ],
    thanks: ['Dziękuję za szybką reakcję.', ''],
    note: 'Telefon bez odpowiedzi, spróbuję jutro.',
  },
  it: {
    answers: [
      'Mi dispiace, non doveva succedere. Le abbiamo rimborsato la spedizione e seguirò io il prossimo pacco.',
      'Grazie della segnalazione. Stamattina è partito un nuovo pezzo con un altro corriere, non deve restituire nulla.',
    ],
    thanks: ['Grazie, siete stati velocissimi.', ''],
    note: 'Ho chiamato senza risposta, riprovo domani.',
  },
  ru: {
    answers: [
      'Приносим извинения, так быть не должно. Мы вернули стоимость доставки, а за следующей посылкой я прослежу лично.',
      'Спасибо, что написали. Сегодня утром мы отправили замену другой службой, возвращать ничего не нужно.',
    ],
    thanks: ['Спасибо за быстрый ответ.', ''],
    note: 'Не дозвонилась, попробую завтра.',
  },
  zh: {
    answers: [
      '非常抱歉，这种情况不应该发生。运费已经退给您，下一个包裹由我亲自跟进。',
      '感谢您的反馈。今天早上已经用另一家快递补发，您不需要寄回任何东西。',
    ],
    thanks: ['谢谢，处理得很快。', ''],
    note: '打电话无人接听，明天再试。',
  },
};
