using System.Text;
using ProdOps.Servers.FileSystem;
using ProdOps.Servers.FileSystem.Unix;

namespace ProdOps.Servers.Inventory;

/// <summary>Checks an environment without connecting to anything.</summary>
internal static class StaticChecks
{
    private static readonly (string Check, string Passed)[] Order =
    [
        ("Syntax", "The files can be read as data."),
        ("Include", "All included files are there."),
        ("Keys", "All keys are known and have values of their types."),
        ("Secrets", "No secret stands in the files, and the places that they name are there."),
        ("Servers", "Names are unique, and no name looks mistyped."),
        ("Dependencies", "All that servers and services depend on is there, and nothing depends on itself."),
        ("Backups", "Every backup set says what is backed up, of servers and to repositories that are there."),
        ("LoadBalancers", "Every load balancer has balancers and a pool that are there, and none is in the way of another."),
        ("Monitoring", "Every check says what it looks at, and the servers, rules, backup sets and channels that monitoring names are there."),
    ];

    /// <summary>A result for every problem, and one for every check without any.</summary>
    public static IEnumerable<EnvironmentCheck> Run(EnvironmentReading reading)
    {
        EnvironmentCheck[] found = [.. reading.Problems.Select(Result), .. Secrets(reading.Environment), .. Keys(reading.Environment)];
        foreach (var (check, passed) in Order)
        {
            EnvironmentCheck[] results = [.. found.Where(result => result.Check == check)];
            if (results.Length == 0) yield return new EnvironmentCheck { Check = check, Status = EnvironmentCheckStatus.Passed, Path = reading.Environment.Path, Message = passed };
            foreach (var result in results) yield return result;
        }
    }

    private static EnvironmentCheck Result(EnvironmentProblem problem) => new()
    {
        Check = CheckOf(problem.Id),
        Status = problem.IsWarning ? EnvironmentCheckStatus.Warning : EnvironmentCheckStatus.Failed,
        ErrorId = problem.Id,
        Path = problem.Position.File,
        Line = problem.Position.Line,
        Column = problem.Position.Column,
        Key = problem.Key,
        Message = problem.Message,
        Recommendation = problem.Recommendation,
    };

    private static string CheckOf(string id) => id switch
    {
        "Syntax" or "NoText" or "FileTooLarge" => "Syntax",
        "SecretInClear" or "SecretSourceCount" => "Secrets",
        "DuplicateServer" or "SharedAddress" or "RoleSpelling" or "UnusedDefaults" => "Servers",
        "UnknownServer" or "DependencyCycle" => "Dependencies",
        _ when id.StartsWith("Service", StringComparison.Ordinal) || id.StartsWith("Redundancy", StringComparison.Ordinal) => "Dependencies",
        _ when id.StartsWith("Backup", StringComparison.Ordinal) => "Backups",
        _ when id.StartsWith("LoadBalancer", StringComparison.Ordinal) => "LoadBalancers",
        _ when id.StartsWith("Health", StringComparison.Ordinal) || id.StartsWith("Monitoring", StringComparison.Ordinal) || id.StartsWith("Notification", StringComparison.Ordinal) => "Monitoring",
        _ => id.StartsWith("Include", StringComparison.Ordinal) ? "Include" : "Keys",
    };

    private static IEnumerable<EnvironmentCheck> Secrets(ProdOpsEnvironment environment) =>
        environment.Servers.Select(server => server.Ssh).Append(environment.Ssh)
            .SelectMany(ssh => new[] { ssh.Password, ssh.Passphrase, ssh.SudoPassword })
            .Concat(environment.Repositories.SelectMany(repository => new[] { repository.Password, repository.Secret }))
            .Concat(environment.Backups.Select(set => set.DatabasePassword))
            .Concat(environment.LoadBalancers.Select(balancer => balancer.FloatingAddress?.Token))
            .Concat(environment.Monitoring.Checks.Select(check => check.Password))
            .Concat(environment.Monitoring.Channels.SelectMany(channel => new[] { channel.SecretTarget, channel.Password, channel.Token }))
            .Concat([environment.Monitoring.Password, environment.Monitoring.Token, environment.Logging.Password, environment.Logging.Token])
            .OfType<SecretReference>().Distinct().Select(Secret).OfType<EnvironmentCheck>();

    /// <summary>What can be said of a secret's place without fetching it. It may be right for another machine, so it is a warning.</summary>
    private static EnvironmentCheck? Secret(SecretReference secret) => secret.Kind switch
    {
        SecretKind.Variable when string.IsNullOrEmpty(Environment.GetEnvironmentVariable(secret.Name)) =>
            Warning("Secrets", "SecretNotFound", null, $"The environment variable '{secret.Name}' is not set here.", "Set it for the process that runs ProdOps."),
        SecretKind.File when !File.Exists(secret.Name) =>
            Warning("Secrets", "SecretNotFound", secret.Name, $"The password file '{secret.Name}' does not exist here.", "Create it, readable by its owner alone."),
        SecretKind.File when LibC.IsSupported && (SourceFileSystem.Local.GetStat(Encoding.UTF8.GetBytes(secret.Name), follow: true).Permissions & 0x3F) != 0 =>
            Warning("Secrets", "SecretExposed", secret.Name, $"The password file '{secret.Name}' can be read by others than its owner.", "chmod 600 it."),
        _ => null,
    };

    private static IEnumerable<EnvironmentCheck> Keys(ProdOpsEnvironment environment) =>
        from file in environment.Servers.Select(server => server.Ssh).Append(environment.Ssh).SelectMany(ssh => ssh.IdentityFile).Distinct()
        // What OpenSSH expands at the time of connecting cannot be looked up now.
        where !file.AsSpan().ContainsAny('%', '$') && !file.Equals("none", StringComparison.OrdinalIgnoreCase)
        let path = file.StartsWith("~/", StringComparison.Ordinal) ? Path.Join(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), file[2..]) : file
        where !File.Exists(path)
        select Warning("Keys", "IdentityFileNotFound", path, $"The private key '{file}' does not exist here.", "Create it with ssh-keygen, or correct IdentityFile.");

    private static EnvironmentCheck Warning(string check, string id, string? path, string message, string recommendation) =>
        new() { Check = check, Status = EnvironmentCheckStatus.Warning, ErrorId = id, Path = path, Message = message, Recommendation = recommendation };
}
