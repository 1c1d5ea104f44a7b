using ProdOps.Servers.Inventory.Schema;

namespace ProdOps.Recovery.Plans;

/// <summary>Files, folders, groups and users in a plan.</summary>
internal static class PlanItems
{
    private static readonly Key<string> Path = new("Path", PlanKinds.ServerPath, "Its full path on the server.") { IsRequired = true };
    private static readonly Key<string> Content = new("Content", PlanKinds.Content, "Its content as text.");
    private static readonly Key<string> Source = new("Source", Kinds.Text, "A file of this machine with its content; a relative path is below the folder of the plan's file.");
    private static readonly Key<SecretReference> Secret = new("Secret", SecretKeys.Kind, "Where its content comes from when it is a secret.");
    private static readonly Key<string> Link = new("Link", Kinds.Text, "What it points at, of a symbolic link.");
    private static readonly Key<string> Mode = new("Mode", PlanKinds.Mode, "Its permissions.") { Default = "what it has; of a new file `'0644'`, with a secret `'0600'`, of a new folder `'0755'`" };
    private static readonly Key<string> Owner = new("Owner", PlanKinds.Account, "The user that owns it.") { Default = "who it is now; of a new one who is logged in, or root" };
    private static readonly Key<string> Group = new("Group", PlanKinds.Account, "Its group.") { Default = "likewise" };

    private static readonly Key<string> Name = new("Name", PlanKinds.Account, "The name.") { IsRequired = true };
    private static readonly Key<long?> Id = new("Id", PlanKinds.Number, "The number.") { Default = "the next that is free" };
    private static readonly Key<bool?> System = new("System", Kinds.Boolean, "One of the system's, with a number below those of people.");
    private static readonly Key<IReadOnlyList<string>> Groups = new("Groups", PlanKinds.Accounts, "Further groups that the user must be in. Others are left.");
    private static readonly Key<string> Home = new("Home", PlanKinds.ServerPath, "The home folder, which is made for a new user.");
    private static readonly Key<string> Shell = new("Shell", PlanKinds.ServerPath, "The shell.");
    private static readonly Key<string> Comment = new("Comment", new("text", static (node, context) =>
        Kinds.ReadText(node, context, "a text in quotes") is not { } text ? null : text.Contains(':') ? Kinds.Invalid(node, context, text, "A colon cannot stand in it.") : text), "Name and what else is told about the user.");
    private static readonly Key<SecretReference> PasswordHash = new("PasswordHash", SecretKeys.Kind, "Where the hash of the password comes from, as `/etc/shadow` has it.");
    private static readonly Key<IReadOnlyList<string>> AuthorizedKeys = new("AuthorizedKeys", Kinds.Texts, "Lines that must be in the user's authorized_keys. Others are left.");

    public static TableSchema FileSchema { get; } = new("File", [Path, Content, Source, Secret, Link, Mode, Owner, Group]);

    public static TableSchema DirectorySchema { get; } = new("Directory", [Path, Mode, Owner, Group]);

    public static TableSchema GroupSchema { get; } = new("Group", [Name, Id, System]);

    public static TableSchema UserSchema { get; } = new("User", [Name, Id, Group, Groups, Home, Shell, Comment, System, PasswordHash, AuthorizedKeys]);

    public static ValueKind<IReadOnlyList<RecoveryFile>> Files { get; } = new($"list of tables, see {FileSchema.Name}", static (node, context) =>
        TableKinds.List(FileSchema, values => FileOf(values, context)).Read(node, context)) { Schema = FileSchema };

    public static ValueKind<IReadOnlyList<RecoveryDirectory>> Directories { get; } = TableKinds.List(DirectorySchema, static values => new RecoveryDirectory
    {
        Path = values.Get(Path) ?? "", Mode = values.Get(Mode), Owner = values.Get(Owner), Group = values.Get(Group),
    });

    public static ValueKind<IReadOnlyList<RecoveryGroup>> GroupList { get; } = TableKinds.List(GroupSchema, static values => new RecoveryGroup
    {
        Name = values.Get(Name) ?? "", Id = values.Get(Id), System = values.Get(System) ?? false,
    });

    public static ValueKind<IReadOnlyList<RecoveryUser>> Users { get; } = TableKinds.List(UserSchema, static values => new RecoveryUser
    {
        Name = values.Get(Name) ?? "",
        Id = values.Get(Id),
        Group = values.Get(Group),
        Groups = values.Get(Groups) ?? [],
        Home = values.Get(Home),
        Shell = values.Get(Shell),
        Comment = values.Get(Comment),
        System = values.Get(System) ?? false,
        PasswordHash = values.Get(PasswordHash),
        AuthorizedKeys = values.Get(AuthorizedKeys) ?? [],
    });

    private static RecoveryFile FileOf(TableValues values, ReadContext context)
    {
        var file = new RecoveryFile
        {
            Path = values.Get(Path) ?? "",
            Content = values.Get(Content),
            Source = values.Get(Source),
            Secret = values.Get(Secret),
            Link = values.Get(Link),
            Mode = values.Get(Mode),
            Owner = values.Get(Owner),
            Group = values.Get(Group),
        };
        // By what stands there: a value that is wrong has been told about.
        if (new[] { Content.Name, Source.Name, Secret.Name, Link.Name }.Count(key => values.Table[key] is not (null or ProdOps.Servers.Inventory.Data.DataScalar { Value: null })) != 1) context.Report(PlanProblems.FileContent(values.Position, file.Path));
        return file;
    }
}
