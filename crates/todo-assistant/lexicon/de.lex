# German: the core sentences. How to read this file: see `src/builtin/lexicon.rs`.

[classes]
lead = bitte | hallo | hey | ok | okay | also | und | dann | und dann | jetzt | kannst du | könntest du | würdest du | kannst du bitte | könntest du bitte | ich möchte | ich will
polite = kannst du | könntest du | würdest du | kannst du bitte | könntest du bitte
tail = bitte | danke | vielen dank
question = habe ich | hab ich | ist | sind | war | soll ich | sollte ich | darf ich | kann ich | muss ich | was | wann | wie | wieso | warum | wer | welche | welcher | welches | gibt es | steht | stehen
thought = wenn | falls | vielleicht | ich glaube | ich denke | ich könnte | ich würde | ich wollte | fast | beinahe | er | sie | ob
negation = nicht | nie | niemals | kein | keine | keinen | lieber nicht
not = nicht | nie | niemals | kein | keine | keinen
finite = ist | sind | war | waren | hat | haben | wird | werden | soll | muss | kann | will
starter = der | die | das | ein | eine | mein | meine | dieser | diese | dieses | sein | ihr | unser
stop = der | die | das | den | dem | des | ein | eine | einen | mein | meine | meinen | meiner | und | zu | zum | zur | für | von | mit | in | im | am | an | aufgabe | aufgaben | ich | mir | noch | bitte
noun = aufgabe | todo | eintrag
nouns = aufgaben | todos | einträge | sachen
task = aufgabe | aufgaben | todo | todos | eintrag | einträge
the = der | die | das | den | dem | meine | meinen | mein | meiner | diese | diesen | alle | alle meine
my = meine | mein | meiner | meinem | die | der | den | dem
a = ein | eine | einen
article = eine | ein | einen | neue | neuen | eine neue | einen neuen | die | noch eine
show = zeige | zeig | zeig mir | zeige mir | liste | nenne | nenne mir | sag mir
delete = lösche | lösch | entferne | entfern | streiche | wirf weg
complete = erledige | beende | schließe ab | hake ab | erledigt | fertig mit | ich bin fertig mit
done = erledigt | als erledigt | fertig | als fertig | abgeschlossen | als abgeschlossen | ab | abgehakt | gemacht
all = alle | alles | sämtliche | jede | alle meine
all.tasks = alle | alles | alle aufgaben | alle meine aufgaben | meine aufgaben | aufgaben | meine liste
status.completed = erledigt | erledigte | erledigten | fertig | fertige | abgeschlossene | abgeschlossenen | abgeschlossen
status.pending = offen | offene | offenen | unerledigt | unerledigte | übrig
overdue = überfällig | überfällige | überfälligen | verspätet
undated = ohne datum | ohne termin | ohne frist
due = fällig | fällige | fälligen
when-word = am | für | bis | vor | nach | in | ab | seit
when-lead = am | für
filler = der | die | das | den | meine | meinen | mein | ich | mir | habe | hab | sind | ist | steht | stehen | an | zu | tun | noch | was | welche | auf | der | liste | aufgaben | aufgabe | alle | alles | bitte | mit | es | gibt | muss | machen | heutigen
priority.urgent = dringend | dringende | dringenden | sehr wichtig | p1
priority.high = wichtig | wichtige | wichtigen | hoch | hohe | hohe priorität | p2
priority.medium = mittel | mittlere | mittlere priorität | p3
priority.low = niedrig | niedrige | niedrige priorität | unwichtig | p4
priority.none = keine priorität | normal
priority.word = priorität
label.word = etikett | label | tag | mit label
project.word = projekt | liste
in = in | im
about = über | zu | mit dem wort
it = es | das | die | ihn | sie | diese | diese aufgabe | die aufgabe
them = sie alle | alle davon | diese aufgaben | die alle
both = beide | beiden | die beiden
rest = die anderen | den rest | die andere
except = außer | bis auf | ausser
ordinal = erste | zweite | dritte | vierte | fünfte
ordinal = ersten | zweiten | dritten | vierten | fünften
last = letzte | letzten
number = eins | zwei | drei | vier | fünf | sechs | sieben | acht | neun | zehn
number.mark = nummer | nr | aufgabe | aufgaben | die aufgabe
and = und | sowie
through = bis
join = und | und dann | dann | danach
sequence = und dann | dann | danach
command = lösche | zeige | zeig | erledige | hake | verschiebe | markiere | füge | erinnere | benenne | streiche | entferne | mach
command.sure = zeige | zeig | markiere | verschiebe | füge | erinnere
past = habe | hab
yes = ja | ja bitte | jawohl | klar | sicher | gerne | genau | mach das | ok | okay | natürlich
no = nein | nee | nö | abbrechen | lass es | lieber nicht | nein danke | keine | keins | keinen

[patterns]
undo: rückgängig
undo: mach/mache das/es/die? letzte? änderung? rückgängig
undo: das/letzte? rückgängig machen
undo: nimm das zurück
greeting: hallo/hi/moin/servus
greeting: guten morgen/tag/abend
thanks: danke schön/sehr?
thanks: vielen dank
bye: tschüss/tschüs/auf? wiedersehen?
help: hilfe
help: was kannst du?
help: was kann ich sagen?
summary: was steht heute? an
summary: was steht {when} an
summary: wie sieht mein tag aus
summary: wie sieht {when} aus
summary: zusammenfassung
summary: überblick
summary: gib mir einen? eine? überblick/zusammenfassung
labels: zeige/zeig mir? meine? labels/etiketten/tags
projects: zeige/zeig mir? meine? projekte
more: mehr
more: weiter
complete: fertig
list: {bare}
refuse: soll/sollte/darf/kann/muss ich {text}
refuse: was passiert wenn? {text}
refuse: warum/wieso {text}
is-done: habe/hab ich {text}
is-done: ist {ref} erledigt/fertig schon?
show: wann ist {ref} fällig?
priority: setze/setz/ändere die? priorität von {ref} auf {priority}
priority: markiere/mach/mache/setze {ref} als/auf? {priority}
rename: benenne {ref} in/zu {text} um
rename: benenne {ref} um in/zu {text}
reschedule: verschiebe/verschieb/verlege {ref} auf/zu/nach {when}
reschedule: verschiebe/verschieb/verlege {ref} {when}
postpone: verschiebe/verschieb {ref} um {span}
complete: ich/wir habe/haben/hab {ref} erledigt/gemacht/fertig/abgeschlossen/geschafft/beendet
complete: markiere/markier/setze/setz/hake/hak {ref} <done>
complete: {ref} ist/sind schon/jetzt? <done>
complete: {ref} <done>
complete: <complete> {ref}
past: ich/wir habe/haben/hab {text}
reopen: öffne {ref} wieder?
reopen: {ref} wieder öffnen
reopen: markiere {ref} als offen/unerledigt
delete: <delete> {ref} von/aus der/meiner liste
delete: <delete> {ref}
delete: {ref} löschen/entfernen/streichen
count: wie viele {filter} habe/sind/gibt ich/es? noch? offen/übrig?
count: wie viele {filter}
search: suche/such/finde nach? {text}
list: <show> {filter}
list: was habe/hab/muss ich {filter} zu? tun/machen/erledigen?
list: was ist {filter}
list: welche {filter} habe/sind ich?
add.untitled: neue aufgabe
add.untitled: füge/erstelle/lege eine/neue? neue? aufgabe hinzu/an
add.remind: erinnere/erinner mich daran/an/dass? {title} zu erinnern?
add.remind: erinnere/erinner mich daran/an? {title}
add: füge {title} zu/zur meiner/liste? liste? hinzu
add: füge die? eine? aufgabe {title} hinzu
add: füge {title} hinzu
add: {title} hinzufügen
add: neue aufgabe {title}
add: aufgabe: {title}
add: erstelle/erstell eine? neue? aufgabe: {title}
add: erstelle/erstell eine? neue? aufgabe {title}
add: ich/wir muss/müssen/sollte/sollten noch? {title}
add: nicht vergessen {title}
add: vergiss nicht {title}
yes: <yes>
no: <no>

[stems]
gekauft = kaufen
kaufe kauf = kaufen
angerufen rufe ruf = anrufen
bezahlt zahle gezahlt zahlen = bezahlen
geputzt putze = putzen
geschrieben schreibe = schreiben
gemacht mache = machen

[verbs]
kaufe kauf kaufen rufe ruf anrufen bezahle bezahlen zahle putze putzen schreibe schreiben bringe bringen hole holen besuche buche buchen repariere bestelle bestellen gieße koche kochen wasche waschen lies lese lerne lernen packe schicke sende miete kündige

[say]
added = Hinzugefügt: {title}{details}.
added.many = {count} Aufgaben hinzugefügt:
listed.none = Hier ist nichts: keine {what}.
listed.none.all = Deine Liste ist leer. Sag mir, was zu tun ist, zum Beispiel „Milch kaufen morgen 17 Uhr“.
listed.one = 1 Aufgabe ({what}):
listed.many = {count} {what}:
found.one = Eine Aufgabe gefunden{what}:
found.many = {count} Aufgaben gefunden{what}:
found.none = Nichts gefunden zu „{text}“.
counted.none = Keine {what}.
counted.one = Eine: {title}.
counted.many = {count} {what}.
completed = Erledigt: {title}{details}.
completed.many = {count} Aufgaben erledigt:
already.completed = {title} war schon erledigt.
reopened = Wieder offen: {title}.
already.open = {title} ist schon offen.
deleted = Gelöscht: {title}. Mit „rückgängig“ kommt sie zurück.
deleted.many = {count} Aufgaben gelöscht. Mit „rückgängig“ kommen sie zurück.
due = {title} ist jetzt fällig: {due}.
undone = Rückgängig gemacht: {summary}.
undo.none = Es gibt nichts rückgängig zu machen.
undo.conflict = Das lässt sich nicht mehr rückgängig machen: Es wurde seither geändert.
not.found = Ich habe keine Aufgabe zu „{text}“ gefunden.
not.found.number = Es gibt keine Aufgabe #{number}.
no.list = Welche Aufgabe meinst du? Sag ihre Nummer oder Wörter ihres Titels.
which = Welche meinst du?
confirm.complete = Diese {count} Aufgaben erledigen?
confirm.delete = Diese {count} Aufgaben löschen?
confirm.one.complete = {title} erledigen?
confirm.one.delete = {title} löschen?
offer.add = Das habe ich nicht verstanden. Soll ich „{text}“ als Aufgabe hinzufügen?
dismissed = In Ordnung, alles bleibt, wie es ist.
left.alone = In Ordnung, ich habe nichts geändert.
nothing.asked = Es ist keine Frage offen.
yes = Ja
no = Nein
summary = {day}: {due}, {overdue}, {done}.
summary.due = {count} fällig
summary.overdue = {count} überfällig
summary.done = {count} erledigt
summary.next = Als Nächstes: {title}{details}.
summary.clear = Nichts ist fällig. {count} Aufgaben sind offen.
summary.empty = Deine Liste ist leer.
summary.overdue.title = Überfällig:
summary.due.title = Fällig:
summary.more = … und {count} weitere
also.overdue = {count} weitere überfällig: „zeige überfällige“.
unknown = Das habe ich nicht verstanden. Du kannst zum Beispiel sagen: {examples}.
examples = neu kaufen: füge Milch kaufen hinzu | zeige heute fällig: zeige meine Aufgaben | erledigt fertig: 3 erledigt | lösche: lösche 3 | rückgängig: rückgängig
help = Du kannst sagen:
help.lines = füge Milch kaufen morgen 17 Uhr hinzu | zeige meine Aufgaben · was steht heute an? | 3 ist erledigt · lösche 3 | verschiebe 3 auf Freitag | rückgängig
greeting = Hallo! Was möchtest du tun?
thanks = Gern geschehen.
bye = Tschüss.
today = heute
tomorrow = morgen
yesterday = gestern
weekdays = Montag Dienstag Mittwoch Donnerstag Freitag Samstag Sonntag
months = Jan. Feb. März Apr. Mai Juni Juli Aug. Sept. Okt. Nov. Dez.
date = {weekday}, {day}. {month}
date.year = {day}. {month} {year}
overdue.mark = überfällig
detail.due = fällig {due}
detail.priority = Priorität {priority}
detail.project = in {project}
detail.repeats = wiederholt: {rule}
detail.done = erledigt {due}
priority.low = niedrig
priority.medium = mittel
priority.high = hoch
priority.urgent = dringend
what.open = offene Aufgaben
what.completed = erledigte Aufgaben
what.all = Aufgaben
what.overdue = überfällig
what.due = fällig {due}
what.about = zu „{text}“
# With a model.
changed = Geändert: {title}{details}.
confirm.calls = Soll ich das tun?
confirm.one.add = {title} hinzufügen?
confirm.one.reopen = {title} wieder öffnen?
confirm.one.change = {title} ändern ({change})?
confirm.undo = {count} Änderungen zurücknehmen?
nothing.changed = Nichts wurde geändert.
claim.false = (Das ist nicht geschehen: Nichts dergleichen wurde getan.)
model.failed = Das Modell hat nicht geantwortet; ich antworte ohne es.
model.broke.off = Das Modell ist abgebrochen. Dies wurde getan:
model.budget = Dein Anteil am Modell ist für heute aufgebraucht; ich antworte ohne es.
model.nothing = Ich habe nachgesehen, aber nichts hinzuzufügen.

[agent]
ask.add = hinzufügen | füge | fügen | neu | neue | neuer | neues | erstelle | erstellen | anlegen | lege | notiere | notier | merke | merk | erinnere | erinner | muss | brauche | schreib | schreibe
ask.complete = erledigt | erledige | erledigen | fertig | abgehakt | abhaken | hake | beende | abgeschlossen | gemacht | gekauft | bezahlt | angerufen
ask.reopen = öffne | öffnen | wieder | offen | unerledigt
ask.delete = lösche | lösch | löschen | entferne | entfernen | entfern | streiche | streich | weg | wirf | verwerfen
ask.change = ändere | ändern | ändre | verschiebe | verschieb | verschieben | benenne | umbenennen | setze | setz | mach | mache | priorität | dringend | wichtig | label | etikett | fällig | termin | wiederhole | jede | jeden | notiz | projekt | bearbeite | aktualisiere
ask.undo = rückgängig | zurück | zurücknehmen | wiederherstellen
claim.add = hinzugefügt | erstellt | angelegt
claim.add.change = notiert | gespeichert | eingetragen
claim.complete = erledigt | abgehakt | abgeschlossen
claim.complete.reopen.change = markiert
claim.reopen = wiedereröffnet | geöffnet
claim.delete = gelöscht
claim.delete.change = entfernt | gestrichen
claim.change = geändert | verschoben | umbenannt | aktualisiert | gesetzt
claim.undo.reopen = wiederhergestellt | rückgängig gemacht | zurückgenommen
claim.any = fertig | alles klar erledigt
word.first = ich | wir
word.passive = wurde | wurden | ist | sind | worden | jetzt | nun | bereits
word.you = du | ihr | sie | er | hast
word.unreal = wenn | falls | kann | könnte | können | soll | sollte | sollen | möchte | möchtest | werde | wird | willst | bevor | sobald
word.not = nicht | kein | keine | keinen | keiner | nichts | nie | niemals | ohne
word.noun = aufgabe | aufgaben
