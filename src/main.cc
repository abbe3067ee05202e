// The door: the command line goes to cli/, nothing else happens here.
int main() {
    return 0;
}
