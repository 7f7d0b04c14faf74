# Spanish: the core sentences. How to read this file: see `src/builtin/lexicon.rs`.

[classes]
lead = por favor | hola | oye | ok | vale | bueno | y | luego | ahora | también | puedes | podrías | me puedes | quiero | quisiera | y luego
polite = puedes | podrías | me puedes
tail = por favor | gracias | muchas gracias
question = está | están | estaba | debo | debería | puedo | qué | cuándo | cómo | cuál | cuáles | quién | por qué | hay | cuántas | cuántos
thought = si | quizás | quizá | tal vez | creo que | pienso que | podría | quería | casi | él | ella | cuando
negation = no | nunca | jamás | mejor no
not = no | nunca | jamás | sin
finite = es | son | está | están | era | fue | ha | han | hay | será | puede | debe
starter = el | la | los | las | mi | mis | este | esta | esto | su | sus | un | una
stop = el | la | los | las | un | una | mi | mis | de | del | a | al | para | con | en | y | tarea | tareas | que | lo | ya
noun = tarea | pendiente
nouns = tareas | pendientes | cosas
task = tarea | tareas | pendiente | pendientes
the = el | la | los | las | mi | mis | esta | este | todas las | todas mis
my = mi | mis | el | la | los | las
a = un | una
article = una | un | nueva | una nueva | otra | la
add = añade | añadir | agrega | agregar | anota | apunta | crea | pon
show = muestra | muéstrame | mostrar | lista | enseña | enséñame | ver | dime | dame
delete = borra | borrar | elimina | eliminar | quita | quitar | suprime
complete = completa | completar | termina | terminar | acaba | he terminado | he acabado | terminé | acabé | ya terminé | he completado | completé | he hecho | ya hice | hice
mark = marca | marcar | pon
done = hecha | hecho | como hecha | como hecho | completada | como completada | terminada | como terminada | listo | lista | hechas | como hechas
all = todo | todas | todos | cada | todas las | todas mis
all.tasks = todo | todas | todas las tareas | todas mis tareas | mis tareas | tareas | mi lista
status.completed = completadas | completada | hechas | terminadas | acabadas | hecho
status.pending = pendientes | pendiente | abiertas | sin hacer | sin terminar
overdue = atrasadas | vencidas | atrasada | vencida | retrasadas
undated = sin fecha
due = que vencen | vencen | vence | para
when-word = para | el | hasta | antes de | después de | desde | en | esta
when-lead = para
filler = el | la | los | las | mi | mis | tengo | tengo que | que | hacer | hay | son | están | es | de | para | qué | cuáles | tareas | tarea | todas | me | por | cosas | lista | en
priority.urgent = urgente | urgentes | muy importante | p1
priority.high = alta | importante | importantes | prioridad alta | alta prioridad | p2
priority.medium = media | prioridad media | p3
priority.low = baja | prioridad baja | p4
priority.none = sin prioridad | normal
priority.word = prioridad
label.word = etiqueta | etiquetas | con etiqueta | con la etiqueta
project.word = proyecto
in = en | del
about = sobre | acerca de
it = eso | esto | la | lo | esa | esta | esa tarea | esta tarea
them = todas ellas | esas | estas | las dos últimas
both = ambas | las dos | ambos | los dos
rest = las otras | las demás | la otra
except = excepto | menos | salvo
ordinal = primera | segunda | tercera | cuarta | quinta
ordinal = primero | segundo | tercero | cuarto | quinto
last = última | último
number = uno | dos | tres | cuatro | cinco | seis | siete | ocho | nueve | diez
number.mark = número | tarea | tareas | la tarea | las tareas | la número
and = y | e
through = a | hasta
join = y | y luego | luego | después
sequence = y luego | luego | después
command = borra | elimina | muestra | completa | marca | añade | agrega | mueve | recuérdame | cambia | quita | lista
command.sure = muestra | marca | añade | agrega | recuérdame | mueve
past = compré | llamé | pagué | limpié | escribí | envié | lavé | reservé | preparé | devolví | saqué
i = ya | yo | ya he
yes = sí | si | claro | vale | ok | por supuesto | adelante | hazlo | sí por favor | de acuerdo
no = no | no gracias | cancelar | cancela | déjalo | ninguna | ninguno | nada | mejor no

[patterns]
undo: deshacer
undo: deshaz eso/esto/lo/el? último? cambio?
undo: deshazlo
greeting: hola
greeting: buenos/buenas días/tardes/noches
thanks: muchas? gracias
bye: adiós
bye: hasta luego/mañana
help: ayuda
help: qué puedes hacer
help: qué puedo decir/hacer
summary: resumen
summary: dame un? el? resumen
summary: qué tengo para? hoy
summary: cómo va/está mi día
summary: qué hay para? {when}
labels: muestra/muéstrame/lista mis? las? etiquetas
projects: muestra/muéstrame/lista mis? los? proyectos
more: más
complete: hecho
list: {bare}
refuse: debo/debería/puedo {text}
refuse: por qué {text}
refuse: qué pasa si {text}

is-done: está {ref} hecha/hecho/terminada/completada ya?
show: cuándo vence/es {ref}
priority: cambia/pon la? prioridad de {ref} a/en? {priority}
priority: marca/pon {ref} como/con? {priority}
rename: renombra {ref} a/como/por {text}
rename: cambia el nombre/título de {ref} a/por {text}
reschedule: mueve/cambia/pasa/pospón/aplaza {ref} a/al/para/hasta {when}
reschedule: mueve/pasa/pospón/aplaza {ref} {when}
postpone: pospón/aplaza/retrasa {ref} {span}
complete: <mark> {ref} <done>
complete: {ref} está/ya/está ya? <done>
complete: <complete> {ref}
past: <i>? <past> {text}
reopen: reabre/reabrir {ref}
reopen: marca {ref} como pendiente/abierta
delete: <delete> {ref} de/del mi/la? lista
delete: <delete> {ref}
count: cuántas/cuántos {filter} tengo/hay/quedan
count: cuántas/cuántos {filter}
search: busca/buscar/encuentra {text}
list: <show> {filter}
list: qué tengo que hacer {filter}
list: qué tareas {filter} tengo/hay
list: qué tareas tengo/hay {filter}
list: qué {filter} tengo
add.untitled: <add> una nueva? tarea
add.untitled: nueva tarea
add.remind: recuérdame que/de/sobre? {title}
add: no olvides/olvidar {title}
add: no me dejes olvidar {title}
add: <add> la? una? nueva? tarea de/para/llamada/que? {title}
add: <add> {title} a mi/la lista de? tareas?
add: <add> {title}
add: tengo que {title}
add: {when} tengo que {title}
add: necesito {title}
add: debo {title}
add: hay que {title}
add: nueva tarea {title}
add: tarea: {title}
yes: <yes>
no: <no>

[stems]
compré compra compro comprado comprar = comprar
llamé llama llamo llamado llamar = llamar
pagué paga pago pagado pagar = pagar
limpié limpia limpio limpiado limpiar = limpiar
escribí escribe escribo escrito escribir = escribir
lavé lava lavado lavar = lavar
saqué saca sacado sacar = sacar

[verbs]
comprar compra llamar llama pagar paga limpiar limpia escribir escribe enviar envía lavar lava reservar reserva preparar prepara devolver devuelve sacar saca leer lee estudiar estudia cocinar cocina recoger recoge arreglar arregla pedir pide regar riega visitar visita

[say]
added = Añadida: {title}{details}.
added.many = {count} tareas añadidas:
listed.none = Aquí no hay nada: ninguna de {what}.
listed.none.all = Tu lista está vacía. Dime qué hay que hacer, por ejemplo «comprar leche mañana a las 17:00».
listed.one = 1 tarea ({what}):
listed.many = {count} {what}:
found.one = Encontré una tarea{what}:
found.many = Encontré {count} tareas{what}:
found.none = No encontré nada con «{text}».
counted.none = Ninguna: {what}.
counted.one = Una: {title}.
counted.many = {count} {what}.
completed = Completada: {title}{details}.
completed.many = {count} tareas completadas:
already.completed = {title} ya estaba completada.
reopened = Reabierta: {title}.
already.open = {title} ya está abierta.
deleted = Borrada: {title}. Di «deshacer» para recuperarla.
deleted.many = {count} tareas borradas. Di «deshacer» para recuperarlas.
due = {title} vence ahora: {due}.
undone = Deshecho: {summary}.
undo.none = No hay nada que deshacer.
undo.conflict = No puedo deshacerlo: ha cambiado desde entonces.
not.found = No encontré ninguna tarea con «{text}».
not.found.number = No hay ninguna tarea #{number}.
no.list = No sé a cuál te refieres. Di su número o palabras de su título.
which = ¿A cuál te refieres?
confirm.complete = ¿Completar estas {count} tareas?
confirm.delete = ¿Borrar estas {count} tareas?
confirm.one.complete = ¿Completar {title}?
confirm.one.delete = ¿Borrar {title}?
offer.add = No entendí eso. ¿Añado «{text}» como tarea?
dismissed = De acuerdo, lo dejé todo como está.
left.alone = De acuerdo, no cambié nada.
nothing.asked = No hay ninguna pregunta pendiente.
yes = Sí
no = No
summary = {day}: {due}, {overdue}, {done}.
summary.due = {count} para hoy
summary.overdue = {count} atrasadas
summary.done = {count} completadas
summary.next = Siguiente: {title}{details}.
summary.clear = No vence nada. Hay {count} tareas abiertas.
summary.empty = Tu lista está vacía.
summary.overdue.title = Atrasadas:
summary.due.title = Vencen:
summary.more = … y {count} más
also.overdue = {count} más atrasadas: di «muestra las atrasadas».
unknown = No entendí eso. Puedes decir, por ejemplo: {examples}.
examples = añade nueva: añade comprar leche mañana | muestra lista hoy: muestra mis tareas | completa hecha: completa 3 | borra elimina: borra 3 | deshacer: deshacer
help = Puedes decir:
help.lines = añade comprar leche mañana a las 17:00 | muestra mis tareas · resumen | completa 3 · borra 3 | mueve 3 al viernes | deshacer
greeting = ¡Hola! ¿Qué quieres hacer?
thanks = De nada.
bye = Adiós.
today = hoy
tomorrow = mañana
yesterday = ayer
weekdays = lunes martes miércoles jueves viernes sábado domingo
months = ene feb mar abr may jun jul ago sep oct nov dic
date = {weekday} {day} {month}
date.year = {day} {month} {year}
overdue.mark = atrasada
detail.due = vence {due}
detail.priority = prioridad {priority}
detail.project = en {project}
detail.repeats = se repite: {rule}
detail.done = hecha {due}
priority.low = baja
priority.medium = media
priority.high = alta
priority.urgent = urgente
what.open = tareas pendientes
what.completed = tareas completadas
what.all = tareas
what.overdue = atrasadas
what.due = para {due}
what.about = sobre «{text}»
# With a model.
changed = Cambiada: {title}{details}.
confirm.calls = ¿Hago esto?
confirm.one.add = ¿Añado {title}?
confirm.one.reopen = ¿Reabro {title}?
confirm.one.change = ¿Cambio {title} ({change})?
confirm.undo = ¿Deshago {count} cambios?
nothing.changed = No se cambió nada.
claim.false = (Eso no ocurrió: no se hizo nada parecido.)
model.failed = El modelo no respondió; contesto sin él.
model.broke.off = El modelo se interrumpió. Esto es lo que se hizo:
model.budget = Tu parte del modelo se agotó por hoy; contesto sin él.
model.nothing = He mirado, pero no tengo nada que añadir.

[agent]
ask.add = añade | añadir | agrega | agregar | anota | apunta | crea | crear | nueva | nuevo | recuérdame | recordar | tengo que | necesito | pon
ask.complete = completa | completar | termina | terminar | terminado | terminé | hecho | hecha | hechas | marca | marcar | acabé | compré | pagué | llamé
ask.reopen = reabre | reabrir | abre | pendiente | otra vez | de nuevo
ask.delete = borra | borrar | elimina | eliminar | quita | quitar | suprime | cancela | descarta
ask.change = cambia | cambiar | mueve | mover | renombra | renombrar | aplaza | aplazar | pospón | posponer | actualiza | pon | prioridad | urgente | importante | etiqueta | fecha | repite | cada | nota | proyecto | edita
ask.undo = deshacer | deshaz | deshazlo | revierte | restaura | recupera
claim.add = añadí | añadido | añadida | añadidas | agregué | agregado | agregada | creé | creado | creada | anoté | anotado
claim.complete = completé | completado | completada | completadas | terminé | terminado | terminada
claim.complete.reopen.change = marqué | marcado | marcada
claim.reopen = reabrí | reabierto | reabierta
claim.delete = borré | borrado | borrada | borradas | eliminé | eliminado | eliminada | eliminadas
claim.delete.change = quité | quitado | quitada | cancelé | cancelado | cancelada
claim.change = cambié | cambiado | cambiada | moví | movido | movida | renombré | renombrado | renombrada | actualicé | actualizado | actualizada | aplacé | aplazado | aplazada
claim.undo.reopen = deshice | deshecho | restauré | restaurado | restaurada
claim.any = hecho | listo
word.first = he | hemos | yo
word.passive = ha | han | sido | está | están | fue | fueron | ya | ahora | quedó | se
word.you = tú | has | usted | ustedes
word.unreal = si | cuando | puedo | podría | puede | quieres | quiere | para | debo | debería | voy
word.not = no | nada | ninguna | ningún | nunca | sin | tampoco
word.noun = tarea | tareas
