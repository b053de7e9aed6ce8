import type { Language } from '../lib/types';

const en = {
  why: 'Why?',
  loading: 'Looking…',
  accepted: 'Sure enough to answer: {found}, and {value} is needed.',
  asked: 'Not sure enough to answer: {found}, and {value} is needed.',
  far: 'Too far from every intent: the out-of-scope score is {found}, and from {value} on it refuses.',
  unknown: 'Even the likeliest intents together have {found}; {value} is needed to ask back.',
  own: 'It is most like the lines marked as out of scope, and answered as such.',
  nothing: 'There is nothing to read in it.',
  distance: '{n} points away from another decision',
  runnerUp: 'Next: {intent} with {share}, {margin} points behind.',
  words: 'Words that counted',
  wordsMore:
    'The darker, the more the message needs the word to be understood as {intent}. Dashed words speak against it.',
  without: 'without it: {share} {intent}',
  oneWord: 'It is a single word.',
  signs: 'Signs of being out of scope',
  nearest: 'Nearest training lines',
  release: 'Explained by release {release}, which answered it.',
  releaseNow: 'Explained by release {release}.',
  release_gone:
    'The release that answered this ({release}) is no longer kept, so that it cannot be explained.',
  button: 'The customer pressed a button: nothing had to be understood.',
  screened: 'It was not read: it has no word in a language of the assistant.',
  max_logit: 'no intent scores high',
  energy: 'all intents together score low',
  sign_nearest: 'far from the nearest lines',
  mahalanobis: 'far from the middle of every intent',
  margin: 'no clear lead over the second intent',
  own_class: 'like the lines marked out of scope',
};

export type WhyTexts = typeof en;

const zh: WhyTexts = {
  why: '为什么？',
  loading: '正在查看…',
  accepted: '足够有把握，直接回答：{found}，要求 {value}。',
  asked: '把握不够，没有直接回答：{found}，要求 {value}。',
  far: '与所有意图都相去甚远：超出范围分数为 {found}，达到 {value} 即不作答。',
  unknown: '最可能的几个意图合计也只有 {found}，达到 {value} 才会追问。',
  own: '与标为“超出范围”的例句最像，按此回答。',
  nothing: '其中没有可以理解的内容。',
  distance: '距离另一种决定 {n} 个百分点',
  runnerUp: '其次：{intent}，{share}，落后 {margin} 个百分点。',
  words: '起作用的词',
  wordsMore: '颜色越深，说明理解为 {intent} 越依赖这个词；虚线的词起相反作用。',
  without: '去掉后：{share} {intent}',
  oneWord: '只有一个词。',
  signs: '超出范围的迹象',
  nearest: '最接近的训练例句',
  release: '由当时作答的版本 {release} 解释。',
  releaseNow: '由版本 {release} 解释。',
  release_gone: '当时作答的版本（{release}）已不再保留，无法解释。',
  button: '客户按的是按钮，不需要理解。',
  screened: '没有读取：其中没有助手所用语言的文字。',
  max_logit: '没有哪个意图得分高',
  energy: '所有意图合计得分低',
  sign_nearest: '离最近的例句很远',
  mahalanobis: '离每个意图的中心都很远',
  margin: '与第二名拉不开差距',
  own_class: '像标为“超出范围”的例句',
};

export const whyTexts: Record<Language, WhyTexts> = { en, zh };
