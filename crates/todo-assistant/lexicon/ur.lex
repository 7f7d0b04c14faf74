# Urdu: the core sentences. How to read this file: see `src/builtin/lexicon.rs`.

[classes]
lead = براہ کرم | مہربانی | پلیز | اچھا | اور | پھر | اب
tail = پلیز | شکریہ
question = کیا میں نے | کیا مجھے | کیا میں | کب | کیوں | کون | کیسے
thought = اگر | شاید | میرا خیال ہے
negation = مت | نہیں | نہ | کبھی نہیں
not = مت | نہیں | نہ
finite = ہے | ہیں | تھا | تھی | تھے
starter = یہ | وہ | میرا | میری | میرے
stop = کا | کی | کے | کو | میں | نے | سے | اور | یہ | وہ | میرا | میری | میرے | کام | ٹاسک | ہے
noun = کام | ٹاسک
nouns = کام | ٹاسک | ٹاسکس | کاموں
task = کام | ٹاسک
the = میرا | میری | میرے | یہ | تمام
my = میرا | میری | میرے
all = سب | تمام | سارے | ہر
all.tasks = سب | سب کچھ | تمام کام | سارے کام | میرے کام | میرے تمام کام | میرے سارے کام
status.completed = مکمل | مکمل شدہ | ختم
status.pending = باقی | نامکمل | کھلے
overdue = تاخیر شدہ | لیٹ | مؤخر
filler = میرا | میری | میرے | مجھے | کام | ٹاسک | کیا | ہے | ہیں | کے | کا | کی | لئے | لیے | سب | تمام | سارے | فہرست | والے | کو
number = ایک | دو | تین | چار | پانچ
number.mark = نمبر | کام نمبر | ٹاسک نمبر | ٹاسک | کام
ordinal = پہلا | دوسرا | تیسرا | چوتھا | پانچواں
ordinal = پہلی | دوسری | تیسری | چوتھی | پانچویں
last = آخری
it = یہ | اسے | اس کو | وہ
them = ان سب | یہ سب | ان کو
both = دونوں | دونوں کو
and = اور
join = اور | پھر
sequence = پھر
command = شامل | دکھاؤ | حذف | مکمل
yes = ہاں | جی | جی ہاں | ٹھیک ہے | بالکل
no = نہیں | نہ | رہنے دو | رہنے دیں | منسوخ

[patterns]
undo: واپس کرو/کریں/لو
undo: واپس
undo: پچھلا/آخری عمل/کام/تبدیلی? واپس کرو/کریں/لو
greeting: سلام
greeting: السلام علیکم
greeting: ہیلو
thanks: بہت? شکریہ
bye: خدا حافظ
help: مدد
help: مدد کرو/کریں
summary: خلاصہ
summary: آج کا خلاصہ دو/دکھاؤ/دکھائیں?
summary: میرا آج کا دن کیسا ہے
summary: خلاصہ دکھاؤ/دکھائیں/دو
list: مجھے? {filter} دکھاؤ/دکھائیں/دکھا
list: مجھے? {filter} دکھا دو/دیں
list: {filter} کیا ہیں/ہے
list: آج کیا کرنا ہے
list: {bare}
is-done: کیا میں نے {text}
refuse: کیا مجھے/میں {text}
count: کتنے {filter} ہیں/باقی ہیں?
complete: {ref} کو? مکمل کرو/کریں/کر دو/دیں?
complete: {ref} کو? مکمل کر دو/دیں
complete: {ref} مکمل ہو گیا/گئی/چکا
complete: {ref} ہو گیا/گئی
complete: میں نے {ref} مکمل کر لیا/دیا
delete: {ref} کو? حذف کرو/کریں
delete: {ref} کو? حذف کر دو/دیں
delete: {ref} کو? ہٹا دو/دیں
delete: {ref} کو? ہٹاؤ/ہٹائیں
reopen: {ref} کو? دوبارہ کھولو/کھولیں
search: {text} تلاش کرو/کریں
add.untitled: نیا کام شامل? کرو/کریں?
add.remind: مجھے {title} یاد دلاؤ/دلائیں/دلانا
add: نیا? کام/ٹاسک شامل کرو/کریں {title}
add: {title} شامل کرو/کریں
add: {title} شامل کر دو/دیں
add: {title} کا کام/ٹاسک شامل کرو/کریں
add: نیا کام: {title}
add: مجھے {title} ہے
yes: <yes>
no: <no>

[stems]
خریدا خریدی = خریدنا

[verbs]

[say]
added = شامل ہو گیا: {title}{details}۔
added.many = {count} کام شامل ہو گئے:
listed.none = یہاں کچھ نہیں ہے۔
listed.none.all = آپ کی فہرست خالی ہے۔
listed.one = ایک کام:
listed.many = {count} کام:
counted.none = کوئی نہیں۔
counted.one = ایک: {title}۔
counted.many = {count} کام۔
completed = مکمل ہو گیا: {title}{details}۔
completed.many = {count} کام مکمل ہو گئے:
already.completed = {title} پہلے ہی مکمل تھا۔
reopened = دوبارہ کھل گیا: {title}۔
deleted = حذف ہو گیا: {title}۔ واپس لانے کے لیے «واپس کرو» کہیں۔
deleted.many = {count} کام حذف ہو گئے۔
undone = واپس ہو گیا: {summary}۔
undo.none = واپس کرنے کے لیے کچھ نہیں ہے۔
not.found = «{text}» کے مطابق کوئی کام نہیں ملا۔
not.found.number = کام #{number} موجود نہیں ہے۔
no.list = کون سا کام؟ اس کا نمبر یا نام بتائیں۔
which = کون سا؟
confirm.complete = کیا یہ {count} کام مکمل کر دوں؟
confirm.delete = کیا یہ {count} کام حذف کر دوں؟
confirm.one.complete = کیا {title} مکمل کر دوں؟
confirm.one.delete = کیا {title} حذف کر دوں؟
offer.add = میں سمجھا نہیں۔ کیا «{text}» کو کام کے طور پر شامل کر دوں؟
dismissed = ٹھیک ہے، کچھ نہیں بدلا۔
left.alone = ٹھیک ہے، میں نے کچھ نہیں بدلا۔
nothing.asked = کوئی سوال باقی نہیں ہے۔
yes = ہاں
no = نہیں
summary = {day}: {due}، {overdue}، {done}۔
summary.due = {count} باقی
summary.overdue = {count} تاخیر شدہ
summary.done = {count} مکمل
summary.next = اگلا: {title}{details}۔
summary.empty = آپ کی فہرست خالی ہے۔
summary.overdue.title = تاخیر شدہ:
summary.due.title = آج:
unknown = میں سمجھا نہیں۔ مثال کے طور پر کہیں: {examples}۔
examples = شامل نیا: دودھ خریدنا شامل کرو | دکھاؤ: میرے کام دکھاؤ | مکمل: 3 مکمل کرو | حذف: 3 حذف کرو | واپس: واپس کرو
help = آپ کہہ سکتے ہیں:
help.lines = دودھ خریدنا شامل کرو | میرے کام دکھاؤ | 3 مکمل کرو | 3 حذف کرو | خلاصہ | واپس کرو
greeting = سلام! آپ کیا کرنا چاہتے ہیں؟
thanks = کوئی بات نہیں۔
bye = خدا حافظ۔
today = آج
tomorrow = کل
# With a model.
changed = تبدیل ہو گیا: {title}{details}۔
confirm.calls = کیا میں یہ کروں؟
confirm.one.add = کیا {title} شامل کروں؟
confirm.one.reopen = کیا {title} دوبارہ کھولوں؟
confirm.one.change = کیا {title} بدلوں ({change})؟
confirm.undo = کیا {count} تبدیلیاں واپس کروں؟
nothing.changed = کچھ نہیں بدلا۔
claim.false = (ایسا نہیں ہوا: اس طرح کا کچھ نہیں کیا گیا۔)
model.failed = ماڈل نے جواب نہیں دیا، اس لیے میں اس کے بغیر جواب دیتا ہوں۔
model.broke.off = ماڈل رک گیا۔ یہ کیا گیا:
model.budget = آج کے لیے ماڈل کا آپ کا حصہ ختم ہو گیا، میں اس کے بغیر جواب دیتا ہوں۔
model.nothing = میں نے دیکھا، مگر کہنے کو کچھ نہیں۔

[agent]
ask.add = شامل | نیا | نئی | بنا | بناؤ | لکھ | یاد | ڈال
ask.complete = مکمل | ہو گیا | کر لیا | کر دیا | ختم
ask.reopen = دوبارہ | کھولو | کھولیں
ask.delete = حذف | ہٹا | ہٹاؤ | مٹا | نکال
ask.change = بدل | تبدیل | منتقل | ترجیح | اہم | تاریخ | نام
ask.undo = واپس
claim.add = شامل کر دیا | شامل کر دی | شامل کیا | شامل ہو گیا
claim.complete = مکمل کر دیا | مکمل کر دی | مکمل ہو گیا
claim.delete = حذف کر دیا | حذف کر دی | حذف ہو گیا | ہٹا دیا | مٹا دیا
claim.change = تبدیل کر دیا | تبدیل کر دی | تبدیل ہو گیا | بدل دیا
claim.undo = واپس کر دیا
word.unreal = اگر | کیا | چاہیں
word.not = نہیں | مت | نہ | کچھ نہیں
word.noun = کام
