import type { Sorted } from './matcher.ts';

/** A topic to start with: names and words in five languages; words as the matcher reads them. */
export interface Planted {
  names: { en: string; pl: string; it: string; ru: string; zh: string };
  words: Sorted['words'];
  inside?: Planted[];
}

const list = (text: string) => text.split(',').map((one) => one.trim());
const names = (en: string, pl: string, it: string, ru: string, zh: string) => ({ en, pl, it, ru, zh });
const words = (en: string, pl: string, it: string, ru: string, zh: string) => ({
  en: list(en),
  pl: list(pl),
  it: list(it),
  ru: list(ru),
  zh: list(zh),
});

/** The tree that a new installation begins with; people change it as they like. */
export const STARTING_TREE: Planted[] = [
  {
    names: names('Delivery', 'Dostawa', 'Consegna', 'Доставка', '配送'),
    words: words(
      'deliver*, shipping, shipment, courier, parcel, package, dispatch*',
      'dostaw*, wysyłka, przesyłka, paczka, kurier, paczkomat, doręcz*',
      'consegn*, spedizion*, corriere, pacco, spedit*',
      'доставк*, доставил*, доставля*, посылк*, курьер*, отправк*, пункт выдачи',
      '配送, 送货, 快递, 物流, 发货, 包裹, 送达',
    ),
    inside: [
      {
        names: names('Late', 'Opóźnienie', 'Ritardo', 'Опоздание', '延误'),
        words: words(
          'late, too late, delay*, still waiting, never arrived, did not arrive, days late, weeks late',
          'opóźni*, spóźni*, po terminie, za późno, nadal czekam, wciąż czekam, nie dotarł*, nie przyszł*',
          'ritardo, in ritardo, mai arrivat*, non è arrivat*, sto ancora aspettando, ancora in attesa',
          'опозда*, задерж*, с опозданием, поздно, до сих пор жду, не пришл*, не пришел, не доставил*',
          '延误, 延迟, 迟到, 太慢, 一直没收到, 还没收到, 没收到货, 晚了',
        ),
      },
      {
        names: names('Damaged', 'Uszkodzenie', 'Danneggiato', 'Повреждение', '破损'),
        words: words(
          'damaged, arrived broken, broken on arrival, torn box, crushed, dented',
          'uszkodz*, przyszło zepsute, zgnieci*, rozbit*, podart*',
          'danneggiat*, arrivato rotto, ammaccat*, schiacciat*',
          'поврежд*, пришло сломанное, помят*, разбит*, порванн*',
          '破损, 损坏, 压坏, 摔坏, 包装破',
        ),
      },
      {
        names: names(
          'Wrong or missing item',
          'Zły lub brakujący towar',
          'Articolo errato o mancante',
          'Не тот товар или нехватка',
          '错发或少发',
        ),
        words: words(
          'wrong item, wrong size, wrong product, missing item, missing part*, incomplete',
          'zły produkt, zły rozmiar, nie ten produkt, pomylon*, brakuje, niekompletn*',
          'articolo sbagliato, taglia sbagliata, prodotto sbagliato, pezzi mancanti, incomplet*',
          'не тот товар, не тот размер, прислали не то, не хватает, перепутали',
          '发错, 少发, 漏发, 缺少, 尺寸不对, 尺码不对',
        ),
      },
    ],
  },
  {
    names: names('Price', 'Cena', 'Prezzo', 'Цена', '价格'),
    words: words(
      'price*, pricing, cost*, expensive, cheap*, overpriced, discount*, affordable, value for money',
      'cen*, koszt*, drog*, tani*, rabat*, promocj*, zniżk*',
      'prezz*, cost*, caro, cara, economic*, scont*, promozion*, conveniente',
      'цен*, стоимость, дорог*, дешев*, скидк*, акци*, выгодн*',
      '价格, 价钱, 贵, 便宜, 折扣, 优惠, 性价比',
    ),
    inside: [
      {
        names: names('Too expensive', 'Za drogo', 'Troppo caro', 'Слишком дорого', '太贵'),
        words: words(
          'too expensive, overpriced, not worth, price increase*, rip off, costs too much',
          'za drogo, za drogi*, drożyzna, zawyżon*, podwyżk*, nie wart*',
          'troppo car*, carissim*, non vale, aumento dei prezzi, prezzo eccessivo',
          'слишком дорог*, очень дорог*, завышен*, не стоит своих, подорожал*',
          '太贵, 涨价, 不值, 价格太高',
        ),
      },
    ],
  },
  {
    names: names('Quality', 'Jakość', 'Qualità', 'Качество', '质量'),
    words: words(
      'quality, well made, poorly made, durable, material*, sturdy, flimsy, defect*, fell apart',
      'jakoś*, wykonani*, trwał*, materiał*, solidn*, tandet*, wadliw*, bubel',
      'qualità, fattura, material*, robust*, resistent*, scadent*, difett*, fragil*',
      'качеств*, материал*, прочн*, брак, бракован*, дефект*, сделан*',
      '质量, 品质, 做工, 材质, 耐用, 瑕疵, 次品',
    ),
    inside: [
      {
        names: names('Broken', 'Zepsute', 'Rotto', 'Сломано', '坏了'),
        words: words(
          'broke, broken, stopped working, does not work, doesn t work, not working, defective, faulty',
          'zepsu*, popsu*, nie działa, przestał* działać, wadliw*, awari*',
          'rotto, rotta, si è rotto, non funziona, ha smesso di funzionare, difettos*, guast*',
          'сломал*, не работает, перестал* работать, бракован*, неисправн*',
          '坏了, 不能用, 用不了, 失灵, 故障',
        ),
      },
    ],
  },
  {
    names: names('Service', 'Obsługa', 'Assistenza', 'Обслуживание', '服务'),
    words: words(
      'service, support, staff, agent*, employee*, consultant*, hotline, call center, call centre, help desk',
      'obsług*, konsultant*, pracowni*, infolini*, personel*, sprzedawc*, pomoc techniczna',
      'servizio, assistenza, personale, operator*, commess*, servizio clienti, call center',
      'обслуживани*, сервис*, поддержк*, сотрудник*, персонал*, консультант*, оператор*, менеджер*',
      '服务, 客服, 员工, 工作人员, 售后, 热线',
    ),
    inside: [
      {
        names: names('Waiting time', 'Czas oczekiwania', 'Attesa', 'Ожидание', '等待时间'),
        words: words(
          'wait*, queue*, on hold, no answer, no reply, nobody answer*, no one answer*, nobody replied, slow response, called back',
          'czeka*, oczekiwani*, kolejk*, brak odpowiedzi, nikt nie odpowiada, nikt nie odpisuje, nie można się dodzwonić, nie oddzwon*',
          'attes*, aspett*, coda, nessuno risponde, nessuna risposta, non rispondono, richiamat*',
          'жду, ждал*, ожидани*, очеред*, никто не отвечает, не отвечают, не дозвон*, не перезвон*',
          '等待, 排队, 等了, 没人回复, 不回复, 联系不上, 打不通',
        ),
      },
      {
        names: names('Friendliness', 'Uprzejmość', 'Cortesia', 'Вежливость', '态度'),
        words: words(
          'friendly, unfriendly, kind, polite, rude, impolite, helpful, unhelpful, arrogant',
          'mił*, niemił*, uprzejm*, nieuprzejm*, życzliw*, chamsk*, arogan*, pomocn*, niegrzeczn*',
          'gentil*, cortes*, scortes*, maleducat*, cordial*, arrogant*, disponibil*, sgarbat*',
          'вежлив*, невежлив*, груб*, хам*, приветлив*, доброжелательн*, отзывчив*',
          '态度, 热情, 耐心, 没礼貌, 恶劣, 友好, 冷漠',
        ),
      },
      {
        names: names('Competence', 'Kompetencja', 'Competenza', 'Компетентность', '专业能力'),
        words: words(
          'professional*, unprofessional, competent, incompetent, knowledgeable, solved my problem, did not solve, no idea',
          'profesjonaln*, nieprofesjonaln*, kompeten*, niekompeten*, rozwiązali problem, nie potrafi*',
          'professional*, competen*, incompeten*, preparat*, risolto, non hanno risolto',
          'профессиональн*, непрофессиональн*, компетентн*, некомпетентн*, решили проблему, не решили',
          '专业, 不专业, 解决了, 没解决, 不懂',
        ),
      },
    ],
  },
  {
    names: names('App and website', 'Aplikacja i strona', 'App e sito', 'Приложение и сайт', '应用与网站'),
    words: words(
      'app, apps, website, web site, site, page, checkout, update, version, dark mode, interface',
      'aplikacj*, apk*, strona, stronie, strony, stronę, sklep internetowy, aktualizacj*, wersja, interfejs',
      'app, applicazion*, sito, pagina, aggiornament*, versione, interfaccia, carrello',
      'приложени*, сайт*, страниц*, обновлени*, верси*, интерфейс*, корзин*',
      '应用, 软件, 网站, 网页, 页面, 更新, 版本, 界面, app',
    ),
    inside: [
      {
        names: names('Errors and crashes', 'Błędy i awarie', 'Errori e blocchi', 'Ошибки и сбои', '错误与闪退'),
        words: words(
          'crash*, bug*, error*, freez*, glitch*, white screen, does not load, doesn t load',
          'błąd, błęd*, zawiesza*, wiesza się, wysypuje, crash*, nie ładuje, biały ekran',
          'errore, errori, si blocca, bloccat*, crash*, bug, non carica, schermata bianca',
          'ошибк*, вылета*, завис*, глюч*, глюк*, сбо*, баг*, не загружается, белый экран',
          '闪退, 报错, 错误, 死机, 卡死, 白屏, 打不开, 加载不出',
        ),
      },
      {
        names: names('Speed', 'Szybkość', 'Velocità', 'Скорость', '速度'),
        words: words(
          'slow app, slow site, slow website, loads slowly, too slow, lag*, loading time, takes forever',
          'wolno działa, działa wolno, za wolno, muli, długo się ładuje, zacina*',
          'lent*, lentissim*, troppo lento, carica lentamente, ci mette troppo',
          'тормоз*, медленно, долго грузит*, подвисает, лагает',
          '卡顿, 很卡, 太卡, 加载慢, 反应慢',
        ),
      },
      {
        names: names('Sign-in', 'Logowanie', 'Accesso', 'Вход', '登录'),
        words: words(
          'log in, login, sign in, signin, password*, my account, verification code, locked out',
          'logowani*, zalogowa*, hasł*, moje konto, kod weryfikacyjn*',
          'login, accedere, accesso, password, mio account, codice di verifica',
          'войти, вход, авториз*, логин, парол*, аккаунт*, личный кабинет, код подтверждения',
          '登录, 登陆, 密码, 账号, 账户, 验证码',
        ),
      },
      {
        names: names('Ease of use', 'Łatwość obsługi', 'Facilità d’uso', 'Удобство', '易用性'),
        words: words(
          'easy to use, hard to use, user friendly, intuitive, confus*, complicated, could not find, can t find, navigation',
          'łatw* w obsłudze, trudn* w obsłudze, intuicyjn*, skomplikowan*, nie mogę znaleźć, nieczyteln*, nawigacj*',
          'facile da usare, difficile da usare, intuitiv*, complicat*, non trovo, confus*, navigazion*',
          'удобн*, неудобн*, интуитивн*, запутан*, сложно найти, не могу найти, непонятн*',
          '好用, 难用, 易用, 复杂, 找不到, 操作, 不方便',
        ),
      },
    ],
  },
  {
    names: names('Billing', 'Płatności i faktury', 'Pagamenti e fatture', 'Оплата и счета', '账单与支付'),
    words: words(
      'bill*, invoice*, payment*, pay, paid, charged, credit card, subscription*, hidden fee*',
      'faktur*, płatnoś*, zapłac*, rachun*, opłat*, kart* kredytow*, subskrypcj*, abonament*',
      'fattur*, pagament*, pagat*, addebit*, carta di credito, abbonament*, costi nascosti',
      'оплат*, счет*, списал*, платеж*, карт*, подписк*, чек*, комисси*',
      '账单, 发票, 支付, 付款, 扣款, 扣费, 订阅, 会员费',
    ),
    inside: [
      {
        names: names('Wrong charge', 'Błędna opłata', 'Addebito errato', 'Неверное списание', '错误扣款'),
        words: words(
          'charged twice, double charge*, wrong amount, overcharged, hidden fee*, charged me',
          'policzono dwa razy, policzyli dwa razy, podwójn* opłat*, zła kwota, ukryte opłaty',
          'addebitato due volte, doppio addebito, importo sbagliato, costi nascosti',
          'списали дважды, двойное списание, неверная сумма, скрытые платежи, лишние деньги',
          '重复扣款, 多扣, 乱收费, 金额不对, 隐藏费用',
        ),
      },
      {
        names: names('Cancellation', 'Rezygnacja', 'Disdetta', 'Отмена', '取消'),
        words: words(
          'cancel*, unsubscribe, terminate, end my contract',
          'rezygn*, anulow*, wypowiedz*, odstąpi*',
          'disdetta, disdire, annull*, cancellar*, recesso',
          'отмен*, отказаться, отписаться, расторг*',
          '取消, 退订, 解约, 注销',
        ),
      },
    ],
  },
  {
    names: names('Returns and refunds', 'Zwroty i reklamacje', 'Resi e rimborsi', 'Возврат', '退货与退款'),
    words: words(
      'return, returns, returned, returning, refund*, exchange*, money back, warranty, guarantee',
      'zwrot*, zwróci*, reklamacj*, wymian*, gwarancj*, oddali pieniądze',
      'reso, resi, rimbors*, restitu*, cambio merce, garanzia, rendere',
      'возврат*, вернуть, верните, вернули, обмен*, гаранти*',
      '退货, 退款, 换货, 保修, 退换',
    ),
  },
  {
    names: names(
      'Choice and availability',
      'Wybór i dostępność',
      'Scelta e disponibilità',
      'Выбор и наличие',
      '选择与库存',
    ),
    words: words(
      'out of stock, sold out, in stock, availability, unavailable, assortment, selection, choice of',
      'niedostępn*, brak towaru, wyprzedan*, dostępnoś*, asortyment*, duży wybór, mały wybór',
      'esaurit*, disponibilità, non disponibile, assortiment*, scelta',
      'нет в наличии, наличи*, ассортимент*, выбор, распродан*, закончил*',
      '缺货, 没货, 断货, 库存, 售罄, 选择多, 品种',
    ),
  },
  {
    names: names('Information', 'Informacja', 'Informazioni', 'Информация', '信息'),
    words: words(
      'description, instruction*, manual, information, misleading, not as described, photo*, explain*',
      'opis*, instrukcj*, informacj*, wprowadza w błąd, niezgodn* z opisem, zdjęci*',
      'descrizion*, istruzion*, informazion*, ingannevol*, diverso dalla foto, foto',
      'описани*, инструкци*, информаци*, вводит в заблуждение, не соответствует, фото*',
      '描述, 说明书, 信息, 误导, 图片, 与描述不符',
    ),
  },
];
