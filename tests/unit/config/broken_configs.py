"""Broken deployment.toml files: the text, where the problem stands, and what must be said about it."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Broken:
    """One file; `line` 0 means that the problem has no line, `file` that it lies elsewhere."""

    name: str
    text: str
    line: int
    reason: str
    environ: Mapping[str, str] = field(default_factory=dict)
    properties: Mapping[str, str] = field(default_factory=dict)
    file: str = "conf/deployment.toml"
    strict: bool = False


DATASOURCE = '[[datasource]]\nid = "db"\nurl = "jdbc:sqlite:db"\n'
MANY_DIGITS = "9" * 5000
TOO_DEEP = ".".join(["a"] * 60)

BROKEN = (
    Broken("a key without a value", "[server]\noffset =\n", 2, "invalid value"),
    Broken("a value without quotes", "[server]\nhostname = mi.example\n", 2, "invalid value"),
    Broken("an open table header", "[server\noffset = 10\n", 1, "expected ']'"),
    Broken("a key twice", "[server]\noffset = 1\noffset = 2\n", 3, "cannot overwrite a value"),
    Broken("a table twice", "[server]\noffset = 1\n[server]\n", 3, "cannot declare"),
    Broken("an open string", '[server]\nhostname = "mi\n', 2, "illegal character"),
    Broken("an array of tables after a table", "[datasource]\n[[datasource]]\n", 2, "cannot"),
    Broken("tables without end", f"{TOO_DEEP} = 1\n", 1, "nested deeper than 50 levels"),
    Broken("a word for milliseconds", '\n[cluster_config]\nheart_beat_interval = "five"\n', 3,
           "[cluster_config] heart_beat_interval = 'five': expected a number of milliseconds"),
    Broken("a heart-beat too fast", "[cluster_config]\nheart_beat_interval = 5\n", 2, "at least 100"),
    Broken("no retry at all", "[cluster_config]\nheart_beat_max_retry = 0\n", 2,
           "heart_beat_max_retry = 0: expected a whole number from 1"),
    Broken("a fraction of a retry", "[cluster_config]\nheart_beat_max_retry = 2.5\n", 2, "whole number"),
    Broken("an endless interval", "[cluster_config]\nheart_beat_interval = inf\n", 2, "milliseconds"),
    Broken("a node id with a blank", '[cluster_config]\nnode_id = "node 1"\n', 2, "without blanks"),
    Broken("a node id with an umlaut", '[cluster_config]\nnode_id = "knöten"\n', 2, "printable ASCII"),
    Broken("an empty node id", '[cluster_config]\nnode_id = ""\n', 2, "1 to 200"),
    Broken("an endless node id", f'[cluster_config]\nnode_id = "{"n" * 201}"\n', 2, "1 to 200"),
    Broken("an unknown profile", '[cluster_config]\nprofile = "turbo"\n', 2, "expected fast"),
    Broken("a takeover that is neither", '[cluster_config]\nfast_takeover = "maybe"\n', 2, "on or off"),
    Broken("a port out of range", "[cluster_config]\nwire_port = 70000\n", 2, "from 0 to 65535"),
    Broken("coordination required, not there", "[cluster_config]\nrequired = true\n", 2,
           "there is no [[datasource]] with id = \"WSO2_COORDINATION_DB\""),
    Broken("an array where one table belongs", "[[server]]\noffset = 20\n", 2, "write one pair of brackets"),
    Broken("a port beyond the last", "[server]\noffset = 60000\n", 2, "gives 69191: expected at most 65535"),
    Broken("a data port beyond the last", "[transport.http.listener]\nsecured_port = 65530\n", 2,
           "[transport.http.listener] secured_port with the offset 10 gives 65540: expected at most 65535"),
    Broken("a number of thousands of digits", f"[server]\noffset = {MANY_DIGITS}\n", 0, "thousands of digits"),
    Broken("the same as a text", f'[server]\noffset = "{MANY_DIGITS}"\n', 2, "expected a whole number from 0"),
    Broken("a size of thousands of digits", f'[server]\nartifact_max_xml = "{MANY_DIGITS}"\n', 2, "expected a size"),
    Broken("a truth value for a number", "[server]\noffset = true\n", 2, "offset = true: expected a whole number"),
    Broken("a list for a number", '[server]\noffset = [true, "a"]\n', 2, "offset = [true, 'a']: expected a whole"),
    Broken("a name in the place of a table", '\ndatasource = ["db"]\n', 2, "[[datasource]] id is missing"),
    Broken("a truth value of another language", '[server]\nhot_deployment = "yes"\n', 2, "true or false"),
    Broken("a number for a truth value", "[server]\nhot_deployment = 1\n", 2, "true or false"),
    Broken("no hot folder at all", "[server]\ncarbonapps_dir = []\n", 2,
           "[server] carbonapps_dir: expected at least one folder"),
    Broken("a date for a name", "[server]\nhostname = 2025-01-01\n", 2, "hostname = 2025-01-01: expected a text"),
    Broken("a negative settle time", "[server]\ndeployment_settle_time = -1\n", 2, "a number of seconds"),
    Broken("a size without sense", '[server]\nartifact_max_xml = "16 parsecs"\n', 2, "expected a size"),
    Broken("a table for a value", "[server.offset]\nvalue = 1\n", 2, "Unknown configuration key", strict=True),
    Broken("an alias beside its key",
           "[server]\ngraceful_shutdown_timeout = 1000\ngraceful_stop_timeout = 2000\n", 3,
           "given twice: as server.graceful_shutdown_timeout in line 2 and as server.graceful_stop_timeout"),
    Broken("a quoted spelling beside the plain one",
           "'server.offset' = 10\n[server]\noffset = 20\n", 3,
           "[server] offset is given twice: as 'server.offset' in line 1 and as server.offset in line 3"),
    Broken("a raw name beside its key",
           "[mediation.synapse]\nglobal_timeout_interval = 1\n[synapse_properties]\n"
           "'synapse.global_timeout_interval' = 2\n", 4, "[mediation.synapse] global_timeout_interval is given twice"),
    Broken("an unknown resolver", '[task_handling]\nresolver_class = "org.example.Mine"\n', 2,
           "package.module:Class"),
    Broken("an unknown time zone", '[task_handling]\ntimezone = "Mars/Olympus"\n', 2, "expected a time zone"),
    Broken("an unknown fire mode", '[task_handling]\ndefault_fire_mode = "twice"\n', 2, "claim, claim_retry"),
    Broken("servers counted in words", '[[task_resolver]]\ntask_server_count = "two"\n', 2,
           "[[task_resolver]] task_server_count = 'two': expected a whole number"),
    Broken("a list of no nodes", '[[task_resolver]]\ntask_nodes = " , "\n', 2, "expected a list of node ids"),
    Broken("a datasource without an id", '\n[[datasource]]\nurl = "jdbc:sqlite:x"\n', 2,
           "[[datasource]] id is missing"),
    Broken("a datasource without a URL", '[[datasource]]\nid = "a"\n', 1, "[[datasource]] url is missing"),
    Broken("an empty datasource", f"{DATASOURCE}[[datasource]]\n", 4, "[[datasource]] id is missing"),
    Broken("two datasources with one id", DATASOURCE * 2, 5, "id = 'db' is given to two datasources"),
    Broken("a pool of no connections", f"{DATASOURCE}pool_options.maxActive = 0\n", 4,
           "[datasource.pool_options] maxActive = 0: expected a whole number of at least 1"),
    Broken("a wait of less than endless", f"{DATASOURCE}pool_options.maxWait = -2\n", 4, "or -1 for endless"),
    Broken("a value in a multi-line file", '[server]\nroles = [\n  "a",\n  "b",\n]\noffset = "x"\n', 6, "offset = 'x'"),
    Broken("a variable that is not set", f'{DATASOURCE}password = "$env{{DB_PASS}}"\n', 4,
           "[[datasource]] password: Environment variable DB_PASS not defined in system"),
    Broken("a property that is not set", '[server]\nhostname = "$sys{host}"\n', 2,
           "Error while retrieving host system property"),
    Broken("an empty property", '[server]\nhostname = "$sys{host}"\n', 2, "host", properties={"host": ""}),
    Broken("a reference to nothing", '[server]\nhostname = "$ref{server.name}"\n', 2,
           "References can't be resolved for server.name"),
    Broken("references in a circle",
           '[server]\nhostname = "$ref{logging.level}"\n[logging]\nlevel = "$ref{server.hostname}"\n', 4,
           "References can't be resolved for server.hostname"),
    Broken("a placeholder left open", '[server]\nhostname = "$env{HOST"\n', 2, "$env{ is not closed"),
    Broken("a variable of a variable form", '[server]\nhostname = "${env:HOST}"\n', 2, "HOST not defined"),
    Broken("a secret nobody defined", f'{DATASOURCE}password = "$secret{{db}}"\n', 4,
           "Secret 'db' is not defined in [secrets]"),
    Broken("a secret in plain text", f'[secrets]\ndb = "[letmein]"\n{DATASOURCE}password = "$secret{{db}}"\n', 6,
           "Secret references can't be plain text for db"),
    Broken("a secret in no known form", f'[secrets]\ndb = "letmein"\n{DATASOURCE}password = "$secret{{db}}"\n', 6,
           "bin/ciphertool.sh -Dconfigure"),
    Broken("a secret in a list", '[secrets]\ndb = ["[letmein]"]\n', 2, "[secrets] db = *****: expected a text"),
    Broken("a secret without a key", f'[secrets]\ndb = "{{aesgcm:v1}}AAAA"\n{DATASOURCE}password = "$secret{{db}}"\n',
           6, "there is no key"),
    Broken("a secret in a missing file",
           f'[secrets]\ndb = "{{file:/nowhere/db}}"\n{DATASOURCE}password = "$secret{{db}}"\n', 6, "cannot be read"),
    Broken("an unused section with a missing variable", '[super_admin]\npassword = "$env{ADMIN}"\n', 2, "ADMIN"),
    Broken("a broken masking pattern", '[masking_pattern.properties]\ncard = "("\n', 2,
           "[masking_pattern] properties.card: expected a regular expression"),
    Broken("a Java trust store", '[truststore]\nfile_name = "client-truststore.jks"\n', 2, "keytool -importkeystore"),
    Broken("a Java trust store of the sender",
           '[transport.http.sender.truststore]\nlocation = "t"\ntype = "JKS"\n', 2, "-destkeystore t.p12"),
    Broken("an unknown verifier", '[transport.http.sender]\nhostname_verifier = "Sometimes"\n', 2, "one of Strict"),
    Broken("an unknown log format", '[logging]\nformat = "xml"\n', 2, "expected one of text, json"),
    Broken("a wrong value from outside", "[server]\n", 0, "[server] offset = 'ten': expected a whole number",
           environ={"MI__SERVER__OFFSET": "ten"}, file="environment variable MI__SERVER__OFFSET"),
    Broken("a wrong property", "[server]\noffset = 1\n", 0, "[server] offset = 'x'",
           properties={"portOffset": "x"}, file="system property portOffset"),
    Broken("a wrong heart-beat variable", "", 0, "heart_beat_interval = '5s'",
           environ={"heartBeatInterval": "5s"}, file="environment variable heartBeatInterval"),
    Broken("an unknown key, strictly", "[cluster_config]\nnode_idd = 1\n", 2,
           "Unknown configuration key 'cluster_config.node_idd' (did you mean 'cluster_config.node_id'?)", strict=True),
    Broken("an unknown key, strictly by property", "[server]\noffsett = 1\n", 2, "did you mean 'server.offset'",
           properties={"strictConfig": "true"}),
)  # fmt: skip
