/** What the widget says, where the company has not written it otherwise. */
export interface Words {
  button: string;
  question: string;
  rate: string;
  text: string;
  email: string;
  point: string;
  pointing: string;
  pointed: string;
  picture: string;
  send: string;
  close: string;
  thanks: string;
  failed: string;
  needed: string;
  of: string;
}

const WORDS: Record<string, Words> = {
  en: {
    button: 'Feedback',
    question: 'How do you like this page?',
    rate: 'Your rating',
    text: 'What should we know?',
    email: 'E-mail, if you would like an answer',
    point: 'Point at something',
    pointing: 'Click what you mean. Escape ends this.',
    pointed: 'Something is marked',
    picture: 'Send a picture of this page; what you typed is masked',
    send: 'Send',
    close: 'Close',
    thanks: 'Thank you! We read every word.',
    failed: 'It could not be sent. Please try again.',
    needed: 'Choose a rating or write something.',
    of: '{n} of {m}',
  },
  pl: {
    button: 'Opinia',
    question: 'Jak podoba się Państwu ta strona?',
    rate: 'Ocena',
    text: 'Co powinniśmy wiedzieć?',
    email: 'E-mail, jeśli mamy odpowiedzieć',
    point: 'Wskaż coś',
    pointing: 'Kliknij to, o co chodzi. Escape kończy.',
    pointed: 'Zaznaczono element',
    picture: 'Wyślij obraz tej strony; wpisane treści są zasłonięte',
    send: 'Wyślij',
    close: 'Zamknij',
    thanks: 'Dziękujemy! Czytamy każde słowo.',
    failed: 'Nie udało się wysłać. Proszę spróbować ponownie.',
    needed: 'Proszę wybrać ocenę lub coś napisać.',
    of: '{n} z {m}',
  },
  it: {
    button: 'Commenti',
    question: 'Le piace questa pagina?',
    rate: 'La sua valutazione',
    text: 'Che cosa dovremmo sapere?',
    email: 'E-mail, se desidera una risposta',
    point: 'Indica qualcosa',
    pointing: 'Faccia clic su ciò che intende. Esc per terminare.',
    pointed: 'Un elemento è indicato',
    picture: 'Invia un’immagine della pagina; ciò che ha scritto è nascosto',
    send: 'Invia',
    close: 'Chiudi',
    thanks: 'Grazie! Leggiamo ogni parola.',
    failed: 'Invio non riuscito. Riprovi, per favore.',
    needed: 'Scelga una valutazione o scriva qualcosa.',
    of: '{n} su {m}',
  },
  ru: {
    button: 'Отзыв',
    question: 'Как вам эта страница?',
    rate: 'Ваша оценка',
    text: 'Что нам стоит знать?',
    email: 'Почта, если хотите получить ответ',
    point: 'Указать на элемент',
    pointing: 'Нажмите на то, о чём речь. Escape — отмена.',
    pointed: 'Элемент отмечен',
    picture: 'Отправить снимок страницы; введённое скрыто',
    send: 'Отправить',
    close: 'Закрыть',
    thanks: 'Спасибо! Мы читаем каждое слово.',
    failed: 'Не удалось отправить. Попробуйте ещё раз.',
    needed: 'Выберите оценку или напишите что-нибудь.',
    of: '{n} из {m}',
  },
  zh: {
    button: '反馈',
    question: '您觉得这个页面怎么样？',
    rate: '您的评分',
    text: '您想告诉我们什么？',
    email: '电子邮箱（如需回复）',
    point: '指出页面元素',
    pointing: '点击您所指的内容，按 Esc 结束。',
    pointed: '已标记元素',
    picture: '发送此页面的截图；您输入的内容会被遮盖',
    send: '发送',
    close: '关闭',
    thanks: '谢谢！我们会阅读每一个字。',
    failed: '发送失败，请重试。',
    needed: '请选择评分或填写内容。',
    of: '{m} 分之 {n}',
  },
};

export const wordsIn = (language: string): Words => WORDS[language.toLowerCase().split('-')[0]!] || WORDS.en!;
