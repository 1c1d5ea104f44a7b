namespace ProdOps.Logging.Grok;

/// <summary>The patterns that every filter can name: the names are those of Logstash's base set, what stands behind them was written from their meaning, for .NET's regular expressions.</summary>
internal static class GrokPatterns
{
    private const string Octet = "(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])";
    private const string V4 = "(?:" + Octet + @"\.){3}" + Octet;
    private const string Hex = "[0-9A-Fa-f]{1,4}";

    /// <summary>All of them by name.</summary>
    public static IReadOnlyDictionary<string, string> Standard { get; } = Texts().Concat(Network()).Concat(Places()).Concat(Times()).Concat(Lines())
        .ToDictionary(pattern => pattern.Name, pattern => pattern.Text, StringComparer.Ordinal);

    private static IEnumerable<(string Name, string Text)> Texts() =>
    [
        ("USERNAME", "[a-zA-Z0-9._-]+"),
        ("USER", "%{USERNAME}"),
        ("EMAILLOCALPART", "[a-zA-Z0-9!#$&'*+/=?^_`|~.-]{1,64}"),
        ("EMAILADDRESS", "%{EMAILLOCALPART}@%{HOSTNAME}"),
        ("INT", "[+-]?[0-9]+"),
        ("BASE10NUM", @"[+-]?(?:[0-9]+(?:\.[0-9]+)?|\.[0-9]+)"),
        ("NUMBER", "%{BASE10NUM}"),
        ("BASE16NUM", "[+-]?(?:0[xX])?[0-9A-Fa-f]+"),
        ("BASE16FLOAT", @"\b[+-]?(?:0[xX])?(?:[0-9A-Fa-f]+(?:\.[0-9A-Fa-f]*)?|\.[0-9A-Fa-f]+)\b"),
        ("POSINT", @"\b[1-9][0-9]*\b"),
        ("NONNEGINT", @"\b[0-9]+\b"),
        ("WORD", @"\b\w+\b"),
        ("NOTSPACE", @"\S+"),
        ("SPACE", @"\s*"),
        ("DATA", ".*?"),
        ("GREEDYDATA", ".*"),
        ("QUOTEDSTRING", """(?>"(?>[^"\\]+|\\.)*"|'(?>[^'\\]+|\\.)*'|`(?>[^`\\]+|\\.)*`)"""),
        ("QS", "%{QUOTEDSTRING}"),
        ("UUID", "[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}"),
        ("URN", @"urn:[0-9A-Za-z][0-9A-Za-z-]{0,31}:[^\s""<>]+"),
        ("LOGLEVEL", "(?i:trace|debug|notice|info(?:rmation(?:al)?)?|warn(?:ing)?|err(?:or)?|crit(?:ical)?|alert|fatal|severe|emerg(?:ency)?|panic|verbose)"),
    ];

    private static IEnumerable<(string Name, string Text)> Network() =>
    [
        ("CISCOMAC", @"(?:[0-9A-Fa-f]{4}\.){2}[0-9A-Fa-f]{4}"),
        ("WINDOWSMAC", "(?:[0-9A-Fa-f]{2}-){5}[0-9A-Fa-f]{2}"),
        ("COMMONMAC", "(?:[0-9A-Fa-f]{2}:){5}[0-9A-Fa-f]{2}"),
        ("MAC", "%{CISCOMAC}|%{WINDOWSMAC}|%{COMMONMAC}"),
        ("IPV4", "(?<![0-9])" + V4 + "(?![0-9])"),
        ("IPV6", V6()),
        ("IP", "%{IPV6}|%{IPV4}"),
        ("HOSTNAME", @"\b[0-9A-Za-z](?:[0-9A-Za-z_-]{0,62})(?:\.[0-9A-Za-z](?:[0-9A-Za-z_-]{0,62}))*\.?(?![0-9A-Za-z_-])"),
        ("IPORHOST", "%{IP}|%{HOSTNAME}"),
        ("HOSTPORT", "%{IPORHOST}:%{POSINT}"),
    ];

    private static IEnumerable<(string Name, string Text)> Places() =>
    [
        ("UNIXPATH", @"/[^\s""'<>|,;()\[\]{}]*"),
        ("WINPATH", @"(?:[A-Za-z]:|\\)\\[^\s""<>|?*]*"),
        ("PATH", "%{UNIXPATH}|%{WINPATH}"),
        ("TTY", @"/dev/(?:pts/[0-9]+|tty[0-9A-Za-z]*)"),
        ("URIPROTO", "[A-Za-z][A-Za-z0-9+.-]*"),
        ("URIHOST", "%{IPORHOST}(?::%{POSINT})?"),
        ("URIPATH", @"/[^\s?""<>]*"),
        ("URIQUERY", @"[^\s""<>]*"),
        ("URIPARAM", @"\?%{URIQUERY}"),
        ("URIPATHPARAM", "%{URIPATH}%{URIPARAM}?"),
        ("URI", @"%{URIPROTO}://(?:%{USER}(?::[^@\s]*)?@)?%{URIHOST}?%{URIPATHPARAM}?"),
    ];

    private static IEnumerable<(string Name, string Text)> Times() =>
    [
        ("MONTH", @"\b(?i:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sep(?:t(?:ember)?)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\b"),
        ("MONTHNUM", "(?:0?[1-9](?![0-9])|0[1-9]|1[0-2])"),
        ("MONTHNUM2", "(?:0[1-9]|1[0-2])"),
        ("MONTHDAY", "(?:0[1-9]|[12][0-9]|3[01]|[1-9])"),
        ("DAY", @"\b(?i:mon(?:day)?|tue(?:sday)?|wed(?:nesday)?|thu(?:rsday)?|fri(?:day)?|sat(?:urday)?|sun(?:day)?)\b"),
        ("YEAR", "(?>[0-9]{4}|[0-9]{2})"),
        ("HOUR", "(?:2[0-3]|[01][0-9]|[0-9])"),
        ("MINUTE", "[0-5][0-9]"),
        ("SECOND", "(?:[0-5][0-9]|60|[0-9])(?:[:.,][0-9]+)?"),
        ("TIME", "(?<![0-9])%{HOUR}:%{MINUTE}(?::%{SECOND})?(?![0-9])"),
        ("DATE_US", "%{MONTHNUM}[/-]%{MONTHDAY}[/-]%{YEAR}"),
        ("DATE_EU", "%{MONTHDAY}[./-]%{MONTHNUM}[./-]%{YEAR}"),
        ("DATE", "%{DATE_US}|%{DATE_EU}"),
        ("DATESTAMP", "%{DATE}[- ]%{TIME}"),
        ("ISO8601_TIMEZONE", "(?:Z|[+-]%{HOUR}(?::?%{MINUTE})?)"),
        ("ISO8601_SECOND", "%{SECOND}"),
        ("TIMESTAMP_ISO8601", "%{YEAR}-%{MONTHNUM2}-%{MONTHDAY}[T ]%{HOUR}:?%{MINUTE}(?::?%{SECOND})?%{ISO8601_TIMEZONE}?"),
        ("TZ", @"\b[A-Z]{3,5}\b"),
        ("DATESTAMP_RFC822", "%{DAY} %{MONTH} %{MONTHDAY} %{YEAR} %{TIME} %{TZ}"),
        ("DATESTAMP_RFC2822", "%{DAY}, %{MONTHDAY} %{MONTH} %{YEAR} %{TIME} %{ISO8601_TIMEZONE}"),
        ("DATESTAMP_OTHER", "%{DAY} %{MONTH} +%{MONTHDAY} %{TIME} %{TZ} %{YEAR}"),
        ("DATESTAMP_EVENTLOG", "[0-9]{4}%{MONTHNUM2}(?:0[1-9]|[12][0-9]|3[01])(?:2[0-3]|[01][0-9])%{MINUTE}%{MINUTE}"),
        ("SYSLOGTIMESTAMP", "%{MONTH} +%{MONTHDAY} %{TIME}"),
        ("HTTPDATE", "%{MONTHDAY}/%{MONTH}/%{YEAR}:%{TIME} %{INT}"),
        ("HTTPDERROR_DATE", "%{DAY} %{MONTH} %{MONTHDAY} %{TIME} %{YEAR}"),
    ];

    private static IEnumerable<(string Name, string Text)> Lines() =>
    [
        ("PROG", @"[^\s\[\]:]+"),
        ("SYSLOGPROG", @"%{PROG:program}(?:\[%{POSINT:pid}\])?"),
        ("SYSLOGHOST", "%{IPORHOST}"),
        ("SYSLOGFACILITY", @"<%{NONNEGINT:facility}\.%{NONNEGINT:priority}>"),
        ("SYSLOGBASE", "%{SYSLOGTIMESTAMP:timestamp} (?:%{SYSLOGFACILITY} )?%{SYSLOGHOST:logsource} %{SYSLOGPROG}:"),
        ("SYSLOGLINE", "%{SYSLOGBASE} %{GREEDYDATA:message}"),
        ("SYSLOGPAMSESSION", @"%{SYSLOGBASE} (?=%{GREEDYDATA:message})%{WORD:pam_module}\(%{DATA:pam_caller}\): session %{WORD:pam_session_state} for user %{USERNAME:username}"),
        ("CRONLOG", @"%{SYSLOGBASE} \(%{USER:user}\) %{WORD:action} \(%{DATA:message}\)"),
        ("HTTPDUSER", "%{EMAILADDRESS}|%{USER}"),
        ("COMMONAPACHELOG", """%{IPORHOST:clientip} %{NOTSPACE:ident} %{NOTSPACE:auth} \[%{HTTPDATE:timestamp}\] "(?:%{WORD:verb} %{NOTSPACE:request}(?: HTTP/%{NUMBER:httpversion})?|%{DATA:rawrequest})" %{NUMBER:response} (?:%{NUMBER:bytes}|-)"""),
        ("COMBINEDAPACHELOG", "%{COMMONAPACHELOG} %{QS:referrer} %{QS:agent}"),
        ("HTTPD_COMMONLOG", "%{COMMONAPACHELOG}"),
        ("HTTPD_COMBINEDLOG", "%{COMBINEDAPACHELOG}"),
        ("HTTPD20_ERRORLOG", @"\[%{HTTPDERROR_DATE:timestamp}\] \[%{LOGLEVEL:loglevel}\] (?:\[client %{IPORHOST:clientip}\] )?%{GREEDYDATA:message}"),
        ("HTTPD24_ERRORLOG", @"\[%{HTTPDERROR_DATE:timestamp}\] \[(?:%{WORD:module})?:%{LOGLEVEL:loglevel}\] \[pid %{POSINT:pid}(?::tid %{INT:tid})?\] (?:\[client %{IPORHOST:clientip}(?::%{POSINT:clientport})?\] )?%{GREEDYDATA:message}"),
        ("HTTPD_ERRORLOG", "%{HTTPD20_ERRORLOG}|%{HTTPD24_ERRORLOG}"),
    ];

    /// <summary>Eight groups, or fewer around two colons, the last two perhaps as an IPv4 address (RFC 4291, section 2.2); the longest spellings first.</summary>
    private static string V6()
    {
        var spellings = new List<string>
        {
            $"(?:{Hex}:){{6}}{V4}",
            $"(?:(?:{Hex}:){{1,5}}|:):(?:{Hex}:){{0,4}}{V4}",
            $"(?:{Hex}:){{7}}{Hex}",
        };
        for (int before = 1; before <= 6; before++) spellings.Add($"(?:{Hex}:){{{before}}}(?::{Hex}){{1,{7 - before}}}");
        spellings.Add($"(?:{Hex}:){{1,7}}:");
        spellings.Add($":(?::{Hex}){{1,7}}");
        spellings.Add("::");
        return $"(?<![0-9A-Fa-f:.])(?:{string.Join('|', spellings)})(?![0-9A-Fa-f:])(?:%[0-9A-Za-z]+)?";
    }
}
