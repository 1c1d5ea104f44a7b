using System.Text;

namespace ProdOps.Benchmarks.Corpora.Logs;

/// <summary>A host's syslog as rsyslog writes it to a file: sshd, cron, systemd, postfix, the kernel's packet filter and more.</summary>
internal sealed class SyslogLines : LineMaker
{
    private static readonly string[] Units =
    [
        "Daily apt download activities", "Rotate log files", "Clean php session files", "Message of the Day", "Discard unused blocks on filesystems", "Session 4711 of User deploy",
        "Docker Application Container Engine", "Prometheus exporter for machine metrics", "Daily man-db regeneration", "system activity accounting tool",
    ];

    private readonly Site _site;
    private readonly byte[] _host;
    private readonly byte[][] _units = [.. Units.Select(Encoding.ASCII.GetBytes)];
    private readonly byte[][] _containers = new byte[14][];
    private readonly byte[] _mail = new byte[12];
    private int _process = 20_000;
    private readonly double _uptime;
    private int _attacker, _attackLeft;

    public SyslogLines(Site site, string server, ulong seed)
    {
        _site = site;
        _host = Encoding.ASCII.GetBytes($" {server} ");
        _uptime = 100_000 + (seed % 9_000_000);
        var random = new SeededRandom(seed);
        for (int i = 0; i < _containers.Length; i++)
            new ByteWriter(_containers[i] = new byte[12]).AddHex(ref random, 6);
        new ByteWriter(_mail).AddHex(ref random, 6);
    }

    public override int TypicalLength => 118;

    public override void Add(ref ByteWriter line, ref SeededRandom random, LogClock clock, ReadOnlySpan<byte> trace)
    {
        line.Add(clock.Syslog);
        line.Add(_host);
        // A connection or a job writes some lines.
        if (random.Chance(35))
            _process = 1_000 + ((_process + random.Below(40)) % 4_000_000);
        int kind = random.Below(100);
        if (kind < 24) AddSsh(ref line, ref random);
        else if (kind < 29) AddMail(ref line, ref random, clock);
        else if (kind < 35) AddPacket(ref line, ref random, clock);
        else if (kind < 65) AddCron(ref line, ref random);
        else if (kind < 94) AddUnit(ref line, ref random);
        else if (kind < 98) AddContainer(ref line, ref random, clock);
        else AddTime(ref line, ref random);
        line.Add((byte)'\n');
    }

    private static void Name(ref ByteWriter line, ReadOnlySpan<byte> program, int process)
    {
        line.Add(program);
        line.Add((byte)'[');
        line.AddNumber(process);
        line.Add("]: "u8);
    }

    private void AddSsh(ref ByteWriter line, ref SeededRandom random)
    {
        if (_attackLeft-- <= 0)
        {
            _attacker = _site.Client(ref random);
            _attackLeft = 1 + random.Below(40);
        }
        Name(ref line, "sshd"u8, _process);
        int kind = random.Below(10);
        if (kind < 1)
        {
            line.Add("Accepted publickey for deploy from 10.20.0."u8);
            line.AddNumber(2 + random.Below(9));
            line.Add(" port "u8);
            line.AddNumber(32_768 + random.Below(28_000));
            line.Add(" ssh2: ED25519 SHA256:qT5rFh1mXo0wZ2c8v0ZkYb9tJ3nLwQe7uPsA4dGxR6M"u8);
            return;
        }
        if (kind < 4)
        {
            line.Add("Invalid user "u8);
            line.Add(_site.Word(ref random));
            line.Add(" from "u8);
        }
        else if (kind < 7)
        {
            line.Add(random.Chance(50) ? "Failed password for root from "u8 : "Failed password for invalid user admin from "u8);
        }
        else if (kind < 9)
        {
            line.Add("Connection closed by authenticating user root "u8);
        }
        else
        {
            line.Add("Received disconnect from "u8);
        }
        line.Add(_site.Clients[_attacker]);
        line.Add(" port "u8);
        line.AddNumber(1_024 + (_process * 7L % 64_000));
        line.Add(kind is >= 4 and < 7 ? " ssh2"u8 : kind >= 9 ? ":11: Bye Bye [preauth]"u8 : kind >= 7 ? " [preauth]"u8 : ""u8);
    }

    private void AddMail(ref ByteWriter line, ref SeededRandom random, LogClock clock)
    {
        int kind = random.Below(4);
        // The lines of one message follow each other and carry its id.
        if (kind == 0)
            new ByteWriter(_mail).AddHex(ref random, 6);
        Name(ref line, kind switch { 0 => "postfix/cleanup"u8, 1 or 2 => "postfix/smtp"u8, _ => "postfix/qmgr"u8 }, 2_000 + random.Below(6));
        line.Add(_mail);
        if (kind == 0)
        {
            line.Add(": message-id=<"u8);
            line.AddHex(ref random, 8);
            line.Add("@shop.example.com>"u8);
        }
        else if (kind == 3)
        {
            line.Add(": removed"u8);
        }
        else
        {
            line.Add(": to=<"u8);
            line.Add(_site.Word(ref random));
            line.Add((byte)'.');
            line.Add(_site.Word(ref random));
            line.Add(random.Chance(60) ? "@gmail.example>, relay=mx.gmail.example[198.51.100.27]:25, delay="u8 : "@mail.example>, relay=mx1.mail.example[203.0.113.9]:25, delay="u8);
            line.AddNumber(random.Below(4));
            line.Add((byte)'.');
            line.AddDigits(random.Below(100), 2);
            line.Add(clock.Incident ? ", dsn=4.4.1, status=deferred (connect: Connection timed out)"u8 : ", dsn=2.0.0, status=sent (250 2.0.0 OK)"u8);
        }
    }

    private void AddPacket(ref ByteWriter line, ref SeededRandom random, LogClock clock)
    {
        line.Add("kernel: ["u8);
        line.AddNumber((long)_uptime + clock.Second);
        line.Add((byte)'.');
        line.AddDigits(clock.Microsecond, 6);
        line.Add("] [UFW BLOCK] IN=eth0 OUT= MAC=52:54:00:8a:1c:07:fe:00:00:00:01:01:08:00 SRC="u8);
        line.Add(_site.Clients[_site.Client(ref random)]);
        line.Add(" DST=192.0.2.10 LEN="u8);
        line.AddNumber(random.Chance(60) ? 40 : 44 + (4 * random.Below(8)));
        line.Add(" TOS=0x00 PREC=0x00 TTL="u8);
        line.AddNumber(random.Chance(50) ? 244 : 40 + random.Below(80));
        line.Add(" ID="u8);
        line.AddNumber(random.Below(65_536));
        line.Add(" PROTO=TCP SPT="u8);
        line.AddNumber(1_024 + random.Below(64_000));
        line.Add(" DPT="u8);
        line.AddNumber(random.Below(5) switch { 0 => 23, 1 => 3389, 2 => 445, 3 => 8080, _ => random.Below(65_536) });
        line.Add(" WINDOW=1024 RES=0x00 SYN URGP=0"u8);
    }

    private void AddCron(ref ByteWriter line, ref SeededRandom random)
    {
        Name(ref line, "CRON"u8, _process);
        line.Add(random.Below(5) switch
        {
            0 => "pam_unix(cron:session): session opened for user root(uid=0) by (uid=0)"u8, 1 => "pam_unix(cron:session): session closed for user root"u8,
            2 => "(root) CMD (   cd / && run-parts --report /etc/cron.hourly)"u8, 3 => "(www-data) CMD (/usr/bin/php /srv/shop/bin/console queue:work --stop-when-empty)"u8,
            _ => "(root) CMD (command -v debian-sa1 > /dev/null && debian-sa1 1 1)"u8,
        });
    }

    private void AddUnit(ref ByteWriter line, ref SeededRandom random)
    {
        line.Add("systemd[1]: "u8);
        line.Add(random.Below(4) switch { 0 => "Starting "u8, 1 => "Finished "u8, 2 => "Started "u8, _ => "Stopped "u8 });
        line.Add(_units[random.Below(_units.Length)]);
        line.Add(random.Chance(60) ? "."u8 : "..."u8);
    }

    private void AddContainer(ref ByteWriter line, ref SeededRandom random, LogClock clock)
    {
        Name(ref line, "dockerd"u8, 913);
        line.Add("time=\""u8);
        line.Add(clock.Iso);
        line.Add((byte)'.');
        line.AddDigits(clock.Microsecond, 6);
        line.AddDigits(random.Below(1_000), 3);
        line.Add(random.Below(20) switch { 0 => "Z\" level=error msg=\""u8, < 4 => "Z\" level=warning msg=\""u8, _ => "Z\" level=info msg=\""u8 });
        line.Add(random.Below(3) switch { 0 => "ignoring event"u8, 1 => "healthcheck passed"u8, _ => "copying output"u8 });
        line.Add("\" container="u8);
        line.Add(_containers[random.Below(_containers.Length)]);
    }

    private static void AddTime(ref ByteWriter line, ref SeededRandom random)
    {
        if (random.Chance(50))
        {
            line.Add("chronyd[611]: Selected source 203.0.113."u8);
            line.AddNumber(100 + random.Below(8));
            line.Add(" (2.debian.pool.ntp.org)"u8);
            return;
        }
        line.Add("sudo:   deploy : TTY=pts/0 ; PWD=/srv/shop/releases/"u8);
        line.AddNumber(20_261_000 + random.Below(100));
        line.Add(" ; USER=root ; COMMAND=/usr/bin/systemctl reload nginx"u8);
    }
}
