namespace ProdOps.Servers.Inventory.Probing;

/// <summary>What a host is probably for, by what runs on it. Guesses are said to be guesses.</summary>
/// <param name="Roles">The roles, most telling first.</param>
/// <param name="Services">The services that speak for them, and the admin's own.</param>
internal sealed record RoleGuess(IReadOnlyList<string> Roles, IReadOnlyList<string> Services)
{
    // The order is that of the roles: a database server that also runs a web server is a database server.
    private static readonly (string Role, string[] Services)[] Known =
    [
        ("LoadBalancer", ["haproxy", "keepalived", "traefik", "envoy", "varnish"]),
        ("Database", ["postgresql", "postgres", "postgresql*", "pgbouncer", "mysql", "mysqld", "mariadb", "mariadbd", "mongod", "cassandra", "clickhouse-server"]),
        ("Cache", ["redis-server", "redis", "valkey-server", "valkey", "memcached"]),
        ("Queue", ["rabbitmq-server", "kafka", "nats-server", "activemq", "mosquitto"]),
        ("Monitor", ["prometheus", "alertmanager", "grafana-server", "grafana", "nagios", "nagios4", "icinga2", "zabbix-server", "uptime-kuma"]),
        ("Log", ["loki", "graylog-server", "elasticsearch", "opensearch", "logstash", "victorialogs"]),
        ("Backup", ["rest-server", "borgmatic", "bareos-dir", "bacula-director", "minio"]),
        ("App", ["tomcat*", "php*-fpm", "gunicorn", "uwsgi", "puma", "unicorn", "pm2", "docker"]),
        ("Web", ["nginx", "apache2", "httpd", "caddy", "lighttpd"]),
    ];

    private static readonly (string Role, int[] Ports)[] KnownPorts =
    [
        ("Database", [5432, 3306, 27017, 1433]),
        ("Cache", [6379, 11211]),
        ("Queue", [5672, 9092]),
        ("Log", [514, 6514, 3100]),
        ("App", [3000, 5000, 8000, 8080]),
        ("Web", [80, 443]),
    ];

    public static RoleGuess Of(HostFacts facts)
    {
        var roles = new List<string>();
        var services = new List<string>();
        foreach (var (role, patterns) in Known)
        {
            string[] found = [.. facts.Running.Where(name => patterns.Any(pattern => NamePattern.IsMatch(pattern, name)))];
            if (found.Length == 0) continue;
            roles.Add(role);
            services.AddRange(found);
        }

        services.AddRange(facts.Own);
        // A service of the admin's own, on a host that is for nothing else, is the application.
        if (facts.Own.Count > 0 && roles.All(role => role == "Web")) roles.Insert(0, "App");
        if (roles.Count == 0) roles.AddRange(KnownPorts.Where(known => known.Ports.Any(facts.Ports.Contains)).Select(known => known.Role).Take(1));
        // A web server before an application is part of the application; before nothing, it is what there is.
        if (roles.Contains("App") || roles.Contains("LoadBalancer")) roles.Remove("Web");
        return new RoleGuess(roles, [.. services.Distinct(StringComparer.Ordinal)]);
    }
}
