// Makes calls with HugeGraph's Java client, and prints a line for each: its name, a tab, what came of it.
// Arguments: the server's address, a graph without tasks.

import org.apache.hugegraph.driver.HugeClient

def client = HugeClient.builder(args[0], args[1]).build()
def tasks = client.task()

def start = { String script -> client.gremlin().gremlin(script).executeAsTask() }

// Numbers that differ from server to server have names here.
def names = [:]
def plain = { String text -> names.inject(text) { said, id, name -> said.replace("'$id'", "'$name'") } }
def shown = { task ->
    def fields = task.asMap() + [result: task.result(), completed: task.completed(), success: task.success()]
    fields.keySet().removeAll(['task_create', 'task_update', 'task_progress', 'task_server'])
    fields['id'] = names[fields['id'].toString()]
    fields.sort().toString()
}
def ids = { list -> list.collect { names[it.id().toString()] }.toString() }

def call = { String name, Closure body ->
    def said
    try {
        said = body()
    } catch (Throwable error) {
        said = "${error.class.simpleName}: ${error.message}"
    }
    // A server on Java 11 has no words for a null pointer, one on 17 has these.
    said = said.toString().replaceAll(/Cannot invoke ".*" is null/, '')
    println name + '\t' + plain(said).replaceAll(/\s+/, ' ')
}

call('listGraph') { client.graphs().listGraph().contains(args[1]) }
call('getGraph') { client.graphs().getGraph(args[1]) }
call('getGraph unknown') { client.graphs().getGraph('nope') }
call('list of none') { tasks.list() }

def quick = start('20 + 22')
names[quick.toString()] = 'QUICK'
call('waitUntilTaskCompleted') { shown(tasks.waitUntilTaskCompleted(quick, 60)) }
def failing = start("throw new RuntimeException('boom')")
names[failing.toString()] = 'FAILING'
call('waitUntilTaskCompleted of a failing one') { shown(tasks.waitUntilTaskCompleted(failing, 60)) }
def endless = start('for (i in 0..<7200) { Thread.sleep(1000) }')
names[endless.toString()] = 'ENDLESS'
while (tasks.get(endless).status() != 'running') {
    sleep(20)
}

call('list') { ids(tasks.list()) }
call('list with a limit') { ids(tasks.list(2)) }
call('list with ids') { ids(tasks.list([failing, 999_999_999L, quick])) }
call('list with a status') { ids(tasks.list('SUCCESS')) }
call('list with a status in small letters') { ids(tasks.list('running')) }
call('list with a status and a limit') { ids(tasks.list('FAILED', 1)) }
call('list with a status that there is not') { ids(tasks.list('DONE')) }
def page = null
call('list with a page') {
    page = tasks.list(null, '', 2)
    [ids(page.tasks()), page.page() != null]
}
call('list with the next page') {
    page = tasks.list(null, page.page(), 2)
    [ids(page.tasks()), page.page()]
}
call('list with a page that is none') { ids(tasks.list(null, 'zzz', 2).tasks()) }
call('get') { shown(tasks.get(quick)) }
call('get of none') { shown(tasks.get(999_999_999L)) }
call('delete of a running one') { tasks.delete(endless) }
call('waitUntilTaskCompleted of a running one') { tasks.waitUntilTaskCompleted(endless, 1) }
call('cancel') { tasks.cancel(endless).cancelling() }
call('waitUntilTaskCompleted of a cancelled one') { tasks.waitUntilTaskCompleted(endless, 60).status() }
call('cancel of a cancelled one') { tasks.cancel(endless) }
call('cancel of none') { tasks.cancel(999_999_999L) }
call('delete') { tasks.delete(quick); ids(tasks.list()) }
call('delete of none') { tasks.delete(quick) }
call('an empty job') { start('') }
client.close()
